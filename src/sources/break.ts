/** A connection that broke, or an answer that is not HTTP. */

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

/** The break behind an error of a connection. Its message can name addresses, so only its code is kept, and what to do about it. */
export function toBreak(error: unknown): ConnectionBreak {
  if (error instanceof ConnectionBreak) return error;
  const code = codeOf(error) ?? (error instanceof AggregateError ? codeOf(error.errors[0]) : undefined);
  if (code === undefined) return new ConnectionBreak('the connection broke');
  const advice = tlsAdvice(error, 'the URL of the source');
  return advice === undefined
    ? new ConnectionBreak(code, code === 'ENOTFOUND')
    : new ConnectionBreak(`${code}. ${advice}`, true);
}

function codeOf(error: unknown): string | undefined {
  const code: unknown = (error as NodeJS.ErrnoException | undefined)?.code;
  return typeof code === 'string' && /^\w{1,60}$/.test(code) ? code : undefined;
}
