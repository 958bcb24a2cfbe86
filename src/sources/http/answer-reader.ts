/** Makes an answer of the bytes of a connection: its head, then its body. */

import { ConnectionBreak } from '../break.js';
import { MAX_HEAD_BYTES } from '../limits.js';
import { Batches } from './batches.js';
import { bodyDecoder, type BodyDecoder } from './body.js';
import { noHttp, parseHead, type AnswerHead } from './head.js';

/** Informational answers (1xx) before the final one. */
const MAX_INFORMATION = 10;

export class AnswerReader {
  readonly body: Batches;
  readonly head: Promise<AnswerHead>;
  /** Settles when nothing more of it comes, for whatever reason. */
  readonly over: Promise<void>;
  private endOver!: () => void;
  private settle!: { resolve: (head: AnswerHead) => void; reject: (error: Error) => void };
  private readonly headBytes = Buffer.allocUnsafeSlow(MAX_HEAD_BYTES);
  private headLength = 0;
  private information = 0;
  private begun = false;
  private ended = false;
  private known: AnswerHead | undefined;
  private decoder: BodyDecoder | undefined;

  /** @param flow - lets the connection bring more, or not */
  constructor(flow: (more: boolean) => void) {
    this.body = new Batches(flow);
    this.head = new Promise((resolve, reject) => (this.settle = { resolve, reject }));
    this.over = new Promise((resolve) => (this.endOver = resolve));
    // The caller may have stopped waiting: then nobody handles the rejection.
    this.head.catch(() => undefined);
  }

  get done(): boolean {
    return this.decoder?.done ?? false;
  }

  /** Whether the connection ended before a byte of it had come. */
  get unanswered(): boolean {
    return this.ended && !this.begun;
  }

  /** How long the connection can be used again after this answer, in milliseconds. */
  get keepAliveMs(): number {
    return this.done ? (this.known?.keepAliveMs ?? 0) : 0;
  }

  /**
   * Copies what it keeps of `bytes`.
   *
   * @returns how many of them are of this answer
   * @throws ConnectionBreak if the answer is not HTTP/1.1
   */
  accept(bytes: Buffer): number {
    let used = 0;
    this.begun = true;
    while (!this.decoder && used < bytes.length) used += this.acceptHead(bytes.subarray(used));
    if (this.decoder && !this.decoder.done)
      used += this.decoder.accept(bytes.subarray(used), (part) => this.body.add(part));
    if (this.done) this.finish();
    return used;
  }

  /** The connection has ended, in good order without `error`. */
  end(error?: Error): void {
    this.ended = true;
    this.settle.reject(error ?? new ConnectionBreak('the connection was closed without an answer'));
    const complete = this.done || (!error && this.known?.framing === 'close');
    this.finish(complete ? undefined : (error ?? new ConnectionBreak('the body ended early')));
  }

  private finish(error?: Error): void {
    this.body.end(error);
    this.endOver();
  }

  private acceptHead(bytes: Buffer): number {
    const before = this.headLength;
    this.headLength += bytes.copy(this.headBytes, before);
    // The end can be split.
    const end = this.headBytes.subarray(0, this.headLength).indexOf('\r\n\r\n', Math.max(0, before - 3));
    if (end === -1) {
      if (this.headLength === MAX_HEAD_BYTES) throw noHttp(`its head is longer than ${MAX_HEAD_BYTES} bytes`);
      this.assertBegun();
      return this.headLength - before;
    }
    const head = parseHead(this.headBytes.toString('latin1', 0, end));
    this.headLength = 0;
    if (head.status >= 200 || head.status === 101) this.begin(head);
    else if ((this.information += 1) > MAX_INFORMATION)
      throw new ConnectionBreak('nothing but informational answers came');
    return end + 4 - before;
  }

  /** What does not begin as an answer need not be waited for to its end. */
  private assertBegun(): void {
    const begin = 'HTTP/1.'.slice(0, this.headLength);
    if (this.headBytes.toString('latin1', 0, begin.length) !== begin) throw noHttp('it has no status line');
  }

  private begin(head: AnswerHead): void {
    this.known = head;
    this.decoder = bodyDecoder(head.framing);
    this.settle.resolve(head);
  }
}
