/** Installs Temporal's time-skipping test server where it is not there yet; the path of its executable. */
export function installTestServer(): Promise<string>;
