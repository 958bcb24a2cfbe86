/** A connection that broke, or an answer that is no HTTP. */

/** No complete answer came. Another request may get one. */
export class ConnectionBreak extends Error {
  override readonly name = 'ConnectionBreak';

  /**
   * @param reason - for messages; without addresses and URLs
   * @param lasting - whether another request would meet the same
   */
  constructor(
    readonly reason: string,
    readonly lasting = false,
  ) {
    super(reason);
  }
}

/** What Node calls a certificate that cannot be trusted, a server that speaks no TLS or no HTTP, and a name that does not exist. */
const LASTING =
  /^(CERT_|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_|INVALID_CA|HOSTNAME_MISMATCH|ERR_TLS_CERT|ERR_SSL_WRONG_VERSION|ENOTFOUND|EPROTO|HPE_)/;

/** The break behind an error of Node's HTTP client. Its message can name addresses, so only its code is kept. */
export function toBreak(error: unknown): ConnectionBreak {
  if (error instanceof ConnectionBreak) return error;
  const code = codeOf(error) ?? (error instanceof AggregateError ? codeOf(error.errors[0]) : undefined);
  if (code === undefined) return new ConnectionBreak('the connection broke');
  // The end of the connection in the middle of a head.
  return new ConnectionBreak(code, LASTING.test(code) && code !== 'HPE_INVALID_EOF_STATE');
}

function codeOf(error: unknown): string | undefined {
  const code: unknown = (error as NodeJS.ErrnoException | undefined)?.code;
  return typeof code === 'string' && /^\w{1,60}$/.test(code) ? code : undefined;
}
