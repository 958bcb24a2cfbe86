/** One GET request, without redirects. The answer's body is not read here. */

import { isIP } from 'node:net';
import { SourceNotAllowedError } from '../contract/errors.js';
import { isProxied } from '../gemini/proxy.js';
import { addressNotAllowed, checkedLookup } from './addresses.js';
import { ConnectionBreak, toBreak } from './break.js';
import type { AnswerReader } from './http/answer-reader.js';
import { HttpConnection } from './http/connection.js';
import type { AnswerHead } from './http/head.js';
import type { SourceLimits } from './limits.js';
import { TIMED_OUT, within } from '../util/within.js';
import { userAgent } from './user-agent.js';

export interface GetAnswer {
  readonly status: number;
  /** A repeated header has its first value, or all of them joined. */
  readonly header: (name: string) => string | undefined;
  readonly body: AsyncIterable<unknown>;
  /** Ends the answer and its connection. */
  readonly drop: () => void;
}

export interface ConnectionOptions {
  readonly isAllowedAddress: (address: string) => boolean;
  readonly limits: SourceLimits;
  readonly ca?: string | undefined;
}

/**
 * The connections to one source. They are not shared with other sources: a connection that one of them may use can go to an address that
 * another one must not use.
 */
export class Connections {
  private readonly all = new Set<HttpConnection>();
  /** By origin. A file is read by one request after the other, so one connection is enough. */
  private readonly idle = new Map<string, HttpConnection>();

  constructor(private readonly options: ConnectionOptions) {}

  close(): void {
    for (const connection of this.all) connection.destroy();
  }

  /**
   * @throws SourceNotAllowedError for an address that is not permitted, and behind a proxy; nothing is sent
   * @throws ConnectionBreak if no head of an answer came
   * @throws the signal's reason
   */
  async get(url: URL, headers: Readonly<Record<string, string>>, signal: AbortSignal): Promise<GetAnswer> {
    signal.throwIfAborted();
    assertNoProxy(url);
    this.assertAddress(url);
    const text = requestText(url, headers);
    const idle = this.takeIdle(url.origin);
    if (idle) {
      const answer = idle.get(text);
      try {
        return await this.headOf(idle, answer, signal);
      } catch (error) {
        // The server may have closed the idle connection before the request came.
        if (signal.aborted || !answer.unanswered) throw error;
      }
    }
    const connection = this.connect(url);
    return await this.headOf(connection, connection.get(text), signal);
  }

  private async headOf(
    connection: HttpConnection,
    answer: AnswerReader,
    signal: AbortSignal,
  ): Promise<GetAnswer> {
    const drop = () => connection.drop(answer);
    signal.addEventListener('abort', drop);
    void answer.over.then(() => signal.removeEventListener('abort', drop));
    try {
      const head = await this.inTime(answer.head);
      return {
        status: head.status,
        header: (name) => head.headers.get(name),
        body: answer.body,
        drop,
      };
    } catch (error) {
      connection.destroy();
      signal.throwIfAborted();
      if (error instanceof SourceNotAllowedError) throw error;
      throw toBreak(error);
    }
  }

  /** Node looks names up, and not addresses. */
  private assertAddress({ hostname }: URL): void {
    const host = hostname.replace(/^\[|\]$/g, '');
    if (isIP(host) !== 0 && !this.options.isAllowedAddress(host)) throw addressNotAllowed(hostname);
  }

  private takeIdle(origin: string): HttpConnection | undefined {
    const idle = this.idle.get(origin);
    this.idle.delete(origin);
    return idle?.usable ? idle : undefined;
  }

  private connect(url: URL): HttpConnection {
    const connection = new HttpConnection(url, {
      lookup: checkedLookup(this.options.isAllowedAddress),
      ca: this.options.ca,
      onIdle: () => this.idle.set(url.origin, connection),
      onClose: () => this.all.delete(connection),
    });
    this.all.add(connection);
    return connection;
  }

  /** For all of it, so that neither a slow handshake nor a head that drips gets more time. */
  private async inTime(head: Promise<AnswerHead>): Promise<AnswerHead> {
    const { answerMs } = this.options.limits;
    const known = await within(answerMs, head);
    if (known === TIMED_OUT) throw new ConnectionBreak(`no answer began in ${answerMs} ms`);
    return known;
  }
}

/** @throws TypeError for a header that would become more than one line */
function requestText(url: URL, headers: Readonly<Record<string, string>>): string {
  // It checks names and values, and knows that `Accept` is `accept`.
  const all = new Headers({ accept: '*/*', 'user-agent': userAgent() });
  const own = { host: url.host, 'accept-encoding': 'identity', connection: 'keep-alive' };
  for (const [name, value] of Object.entries({ ...headers, ...own })) all.set(name, value);
  const lines = [...all].map(([name, value]) => `${name}: ${value}\r\n`);
  return `GET ${url.pathname}${url.search} HTTP/1.1\r\n${lines.join('')}\r\n`;
}

/** Behind a proxy, the proxy looks up the name, and nobody could check the address that is really used. */
function assertNoProxy(url: URL): void {
  if (!isProxied(url)) return;
  throw new SourceNotAllowedError(
    `The environment (HTTPS_PROXY or ALL_PROXY) names a proxy for ${url.origin}, and sources are read without one, because the worker ` +
      'could not check the address behind it. If the worker reaches the server directly, add the host to NO_PROXY; ' +
      'otherwise use a named source whose function reads the file through the proxy',
  );
}
