/** What came in, for tests to assert on and to wait for. */

import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import type { Fault } from './fault.js';
import type { Operation, Route } from './route.js';

/**
 * One request. It is recorded when its headers are in, and completed while it is served. `headers`, `rawUrl` and `json` are as the
 * client sent them, the key included.
 */
export interface RecordedRequest {
  /** HTTP method. */
  readonly method: string;
  /** Path and query, with the value of `key` replaced by `REDACTED`. */
  readonly path: string;
  /** Path and query as the client sent them. */
  readonly rawUrl: string;
  /** What the request asks for. */
  readonly operation: Operation;
  /** Words of `X-Goog-Upload-Command`, such as `['upload', 'finalize']`. */
  readonly command: readonly string[];
  /** Headers as the client sent them, with lower-case names. */
  readonly headers: IncomingHttpHeaders;
  /** `X-Goog-Upload-Offset`. */
  readonly offset: number | undefined;
  /** `upload_id` of the upload URL; of a start, that of the session it opened. */
  readonly uploadId: string | undefined;
  /** The file that the request is for, `files/<id>`, if it is known. */
  readonly file: string | undefined;
  /** Bytes of the body that were read so far. */
  readonly bytes: number;
  /** Body of a start or a generateContent, if it is no longer than 64 KiB. */
  readonly json: unknown;
  /** Status of the answer; undefined if none was sent, or not yet. */
  readonly status: number | undefined;
  /** `open`: no answer yet; `broken`: the client went away; the others are faults. */
  readonly outcome: 'open' | 'answered' | 'broken' | 'reset' | 'stalled' | 'cut';
  /** The fault that it met. */
  readonly fault: Fault | undefined;
  /** Milliseconds since the epoch by the emulator's clock. */
  readonly startedAt: number;
}

/** The same, for the emulator to fill in. */
export type OpenRequest = { -readonly [Field in keyof RecordedRequest]: RecordedRequest[Field] };

/** How often a wait asks its predicate without a request, in milliseconds: a call of the test, or the time, can change the answer too. */
const ASK_MS = 20;

interface Waiter {
  check: () => boolean;
  fail: (error: Error) => void;
}

export class RequestLog {
  readonly requests: OpenRequest[] = [];
  readonly #waiters = new Set<Waiter>();
  #isClosed = false;

  constructor(private readonly limit: number) {}

  begin(request: IncomingMessage, route: Route, startedAt: number): OpenRequest {
    const rawUrl = request.url ?? '/';
    const offset = request.headers['x-goog-upload-offset'];
    const record: OpenRequest = {
      method: request.method ?? '',
      path: rawUrl.replace(/([?&]key=)[^&]*/g, '$1REDACTED'),
      rawUrl,
      operation: route.operation,
      command: route.command,
      headers: request.headers,
      offset: typeof offset === 'string' ? Number(offset) : undefined,
      uploadId: route.uploadId || undefined,
      file: route.fileId ? `files/${route.fileId}` : undefined,
      bytes: 0,
      json: undefined,
      status: undefined,
      outcome: 'open',
      fault: undefined,
      startedAt,
    };
    this.requests.push(record);
    if (this.requests.length > this.limit) this.requests.shift();
    this.changed();
    return record;
  }

  /** Says that a request came or went on. */
  changed(): void {
    for (const waiter of [...this.#waiters]) waiter.check();
  }

  waitFor<T>(predicate: (requests: readonly RecordedRequest[]) => T, timeoutMs: number): Promise<T> {
    return new Promise((resolve, reject) => {
      const end = (): void => {
        clearTimeout(timer);
        clearInterval(asking);
        this.#waiters.delete(waiter);
      };
      const fail = (error: Error): void => {
        end();
        reject(error);
      };
      const check = (): boolean => {
        try {
          const found = predicate(this.requests);
          if (isThenable(found)) {
            // A rejection without a handler would end the process.
            void Promise.resolve(found).catch(() => undefined);
            throw new TypeError('waitFor: the predicate returns a promise; it must not be async');
          }
          if (!found) return false;
          end();
          resolve(found);
        } catch (error) {
          fail(error as Error);
        }
        return true;
      };
      const waiter: Waiter = { check, fail };
      const asking = setInterval(check, ASK_MS);
      const timer = setTimeout(() => {
        if (!check()) fail(new Error(`waitFor: nothing in ${timeoutMs} ms; ${this.#summary()}`));
      }, timeoutMs);
      if (check()) return;
      if (this.#isClosed) fail(this.#closedError());
      else this.#waiters.add(waiter);
    });
  }

  /** Ends all waits, and those to come. */
  close(): void {
    this.#isClosed = true;
    for (const waiter of [...this.#waiters]) waiter.fail(this.#closedError());
  }

  #closedError(): Error {
    return new Error(`waitFor: the emulator was closed; ${this.#summary()}`);
  }

  #summary(): string {
    const lines = this.requests.slice(-20).map(({ operation, bytes, status, outcome }) => {
      return `${operation} (${bytes} bytes in): ${status ?? outcome}`;
    });
    return lines.length === 0 ? 'no requests came' : `the last requests:\n${lines.join('\n')}`;
  }
}

function isThenable(value: unknown): boolean {
  return typeof (value as { then?: unknown } | null | undefined)?.then === 'function';
}
