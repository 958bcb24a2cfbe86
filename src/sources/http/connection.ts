/**
 * A connection that carries one GET at a time. It reads into one buffer, again and again. Node's HTTP client makes two new buffers of each
 * TLS record, and V8 lets tens of megabytes of them collect before it frees them.
 */

import { connect as connectPlain, isIP, type LookupFunction, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { ConnectionBreak } from '../break.js';
import { AnswerReader } from './answer-reader.js';

/** An idle connection is closed after this time, in milliseconds: before servers do it (see src/gemini/agents.ts). */
const IDLE_MS = 4000;

const READ_BYTES = 64 * 1024;

export interface ConnectionSettings {
  readonly lookup: LookupFunction;
  readonly ca?: string | undefined;
  /** Called when an answer has come as a whole and another request can be sent. */
  readonly onIdle: () => void;
  readonly onClose: () => void;
}

export class HttpConnection {
  private readonly socket: Socket;
  private answer: AnswerReader | undefined;

  constructor(
    url: URL,
    private readonly settings: ConnectionSettings,
  ) {
    this.socket = open(url, settings, (bytes) => this.receive(bytes));
    this.socket.on('timeout', () => this.answer === undefined && this.destroy());
    this.socket.on('error', (error) => this.answer?.end(error));
    this.socket.on('end', () => this.answer?.end());
    this.socket.on('close', () => {
      this.answer?.end(new ConnectionBreak('the connection was closed'));
      settings.onClose();
    });
    this.socket.resume();
  }

  get usable(): boolean {
    return !this.socket.destroyed && this.socket.readable && this.socket.writable;
  }

  /** @param head - of a request without a body */
  get(head: string): AnswerReader {
    this.socket.ref();
    this.socket.setTimeout(0);
    this.answer = new AnswerReader((more) => void (more ? this.socket.resume() : this.socket.pause()));
    this.socket.write(head, 'latin1');
    return this.answer;
  }

  destroy(error?: Error): void {
    this.socket.destroy(error);
  }

  /** Ends the connection if it is still the answer's. Once all of that has come, the connection can be another one's. */
  drop(answer: AnswerReader): void {
    if (this.answer === answer) this.destroy();
  }

  private receive(bytes: Buffer): void {
    const { answer } = this;
    // Nobody asked for them: they must not become the answer to the next request.
    if (!answer) return this.destroy();
    try {
      const rest = bytes.length - answer.accept(bytes);
      if (answer.done) this.finish(answer, rest);
    } catch (error) {
      this.destroy(error as Error);
    }
  }

  private finish(answer: AnswerReader, rest: number): void {
    this.answer = undefined;
    const idleMs = Math.min(answer.keepAliveMs, IDLE_MS);
    if (idleMs === 0 || rest > 0) return this.destroy();
    this.socket.resume();
    this.socket.setTimeout(idleMs);
    this.socket.unref();
    this.settings.onIdle();
  }
}

function open(url: URL, { lookup, ca }: ConnectionSettings, receive: (bytes: Buffer) => void): Socket {
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const buffer = Buffer.allocUnsafeSlow(READ_BYTES);
  const callback = (length: number) => {
    receive(buffer.subarray(0, length));
    return true;
  };
  const onread = { buffer, callback };
  if (url.protocol !== 'https:') return connectPlain({ host, port: Number(url.port || 80), lookup, onread });
  const options = {
    host,
    port: Number(url.port || 443),
    lookup,
    onread,
    ALPNProtocols: ['http/1.1'],
    // Said here, so that NODE_TLS_REJECT_UNAUTHORIZED=0 has no effect.
    rejectUnauthorized: true,
    ...(isIP(host) === 0 && { servername: host }),
    ...(ca !== undefined && { ca }),
  };
  return connectTls(options);
}
