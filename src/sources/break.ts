/** A connection that broke, or an answer that is no HTTP. */

import { tlsAdvice } from '../gemini/tls-problem.js';

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

/** A name that does not exist, and a server that speaks no HTTP. */
const LASTING = /^(ENOTFOUND|HPE_)/;

/** The break behind an error of Node's HTTP client. Its message can name addresses, so only its code is kept. */
export function toBreak(error: unknown): ConnectionBreak {
  if (error instanceof ConnectionBreak) return error;
  const code = codeOf(error) ?? (error instanceof AggregateError ? codeOf(error.errors[0]) : undefined);
  if (code === undefined) return new ConnectionBreak('the connection broke');
  // `HPE_INVALID_EOF_STATE` is the end of the connection in the middle of a head.
  const noHttp = LASTING.test(code) && code !== 'HPE_INVALID_EOF_STATE';
  return new ConnectionBreak(code, noHttp || tlsAdvice(error) !== undefined);
}

function codeOf(error: unknown): string | undefined {
  const code: unknown = (error as NodeJS.ErrnoException | undefined)?.code;
  return typeof code === 'string' && /^\w{1,60}$/.test(code) ? code : undefined;
}
