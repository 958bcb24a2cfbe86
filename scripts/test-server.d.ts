/** Installs Temporal's time-skipping test server unless it is installed. @returns the path of its executable */
export function installTestServer(): Promise<string>;
