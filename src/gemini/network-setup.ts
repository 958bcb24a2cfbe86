/** Mistakes in how this machine reaches the network. Another try gives the same; a person has to change something. */

/** The environment names a proxy that cannot be used. */
export class NetworkSetupError extends Error {
  override readonly name = 'NetworkSetupError';
}

/** The proxy did not open a tunnel to the server. */
export class ProxyAnswerError extends Error {
  override readonly name = 'ProxyAnswerError';

  /** @param status - of the answer to CONNECT */
  constructor(readonly status: number) {
    super(status === PROXY_LOGIN ? WANTS_LOGIN : `the proxy answered CONNECT with ${status}`);
  }
}

/** Only a proxy answers with this status, and the provider never sees such a request. */
export const PROXY_LOGIN = 407;

export const WANTS_LOGIN =
  'the proxy asks for a user and a password that it accepts (407): set them in HTTPS_PROXY or HTTP_PROXY, http://user:password@host:port';

/** Whether `error` reports such a mistake. */
export function isNetworkSetup(error: unknown): boolean {
  return (
    error instanceof NetworkSetupError || (error instanceof ProxyAnswerError && error.status === PROXY_LOGIN)
  );
}
