/** One GET request, without redirects. The answer's body is not read here. */

import {
  request as httpRequest,
  Agent as HttpAgent,
  type ClientRequest,
  type IncomingMessage,
} from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { isIP } from 'node:net';
import { SourceNotAllowedError } from '../contract/errors.js';
import { isProxied } from '../gemini/proxy.js';
import { addressNotAllowed, checkedLookup } from './addresses.js';
import { BATCH_BYTES, inBatches } from './batches.js';
import { ConnectionBreak, toBreak } from './break.js';
import { MAX_HEAD_BYTES, type SourceLimits } from './limits.js';

/** An idle connection is closed after this time, in milliseconds: before servers do it (see src/gemini/agents.ts). */
const IDLE_MS = 4000;

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
  private readonly https: HttpsAgent;
  private readonly http: HttpAgent;

  constructor(private readonly options: ConnectionOptions) {
    const common = {
      keepAlive: true,
      timeout: IDLE_MS,
      lookup: checkedLookup(options.isAllowedAddress),
      highWaterMark: BATCH_BYTES,
    };
    // Said here, so that NODE_TLS_REJECT_UNAUTHORIZED=0 has no effect.
    const tls = { rejectUnauthorized: true, ...(options.ca !== undefined && { ca: options.ca }) };
    this.https = new HttpsAgent({ ...common, ...tls });
    this.http = new HttpAgent(common);
  }

  close(): void {
    this.https.destroy();
    this.http.destroy();
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
    const secure = url.protocol === 'https:';
    const request = (secure ? httpsRequest : httpRequest)(url, {
      method: 'GET',
      headers: { accept: '*/*', ...headers, 'accept-encoding': 'identity' },
      agent: secure ? this.https : this.http,
      maxHeaderSize: MAX_HEAD_BYTES,
    });
    // Not the option `signal`: while no code reads the body, its error would be uncaught.
    const abort = () => request.destroy();
    signal.addEventListener('abort', abort);
    request.once('close', () => signal.removeEventListener('abort', abort));
    try {
      const response = await this.head(request);
      // The reader of the body receives its error. There may be no reader at this moment.
      response.on('error', () => undefined);
      return {
        status: response.statusCode ?? 0,
        header: (name) => firstValue(response.headers[name]),
        body: inBatches(response),
        drop: () => request.destroy(),
      };
    } catch (error) {
      request.destroy();
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

  private head(request: ClientRequest): Promise<IncomingMessage> {
    const { answerMs } = this.options.limits;
    return new Promise((resolve, reject) => {
      // For all of it, so that neither a slow handshake nor a head that drips gets more time.
      const late = setTimeout(
        () => reject(new ConnectionBreak(`no answer began in ${answerMs} ms`)),
        answerMs,
      );
      const settle = (end: () => void) => () => {
        clearTimeout(late);
        end();
      };
      request.once('response', (response) => settle(() => resolve(response))());
      // The listener stays, so that a break after the head is not an uncaught error: the reader of the body receives it.
      request.on('error', (error) => settle(() => reject(error))());
      request.once(
        'close',
        settle(() => reject(new ConnectionBreak('the connection was closed without an answer'))),
      );
      request.end();
    });
  }
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

const firstValue = (value: string | string[] | undefined) => (Array.isArray(value) ? value[0] : value);
