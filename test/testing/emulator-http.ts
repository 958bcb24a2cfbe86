/** Raw HTTP towards the emulator, and the upload protocol in single steps. */

import { createHash } from 'node:crypto';
import { once } from 'node:events';
import type { Agent } from 'node:http';
import { request, type ClientRequest, type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
import { onTestFinished } from 'vitest';
import { GeminiFilesEmulator, type EmulatorOptions } from '../../src/testing/index.js';

export const KEY = 'key-of-the-test';

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

export interface Sending {
  readonly method?: string;
  readonly headers?: Record<string, string>;
  readonly body?: string | Buffer;
  readonly agent?: Agent;
}

/** An emulator that ends with the test. */
export async function startEmulator(options: EmulatorOptions = {}): Promise<GeminiFilesEmulator> {
  const emulator = await GeminiFilesEmulator.start(options);
  onTestFinished(() => emulator.close());
  return emulator;
}

/** A request whose body the test writes; errors after its end are the test's to await. */
export function open(url: string, sending: Sending = {}): ClientRequest {
  const opened = request(url, {
    method: sending.method ?? 'POST',
    headers: { ...sending.headers },
    agent: sending.agent ?? false,
  });
  opened.on('error', () => undefined);
  return opened;
}

export async function answerTo(opened: ClientRequest): Promise<Answer> {
  const [response] = (await once(opened, 'response')) as [IncomingMessage];
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  return {
    status: response.statusCode ?? 0,
    headers: response.headers,
    text: Buffer.concat(chunks).toString('utf8'),
  };
}

export function send(url: string, sending: Sending = {}): Promise<Answer> {
  const opened = open(url, sending);
  const answer = answerTo(opened);
  opened.end(sending.body);
  return answer;
}

/** `code` of the error that a request ends with. */
export async function errorOf(answer: Promise<unknown>): Promise<string> {
  try {
    await answer;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? String(error);
  }
  throw new Error('The request was answered');
}

export function json<T = Record<string, unknown>>({ text }: Answer): T {
  return JSON.parse(text) as T;
}

/** `message` and `status` of a backend error. */
export function rpcError(answer: Answer): { http: number; code: number; message: string; status: string } {
  const { error } = json<{ error: { code: number; message: string; status: string } }>(answer);
  return { http: answer.status, code: error.code, message: error.message, status: error.status };
}

export function sha256(content: string | Buffer): string {
  return createHash('sha256').update(content).digest('hex');
}

export interface Start {
  readonly path?: string;
  readonly key?: string;
  readonly length?: number;
  readonly type?: string;
  readonly file?: object;
  readonly headers?: Record<string, string>;
  readonly body?: string;
}

export function start(emulator: GeminiFilesEmulator, options: Start = {}): Promise<Answer> {
  return send(`${emulator.url}${options.path ?? '/upload/v1beta/files'}`, {
    headers: {
      'content-type': 'application/json',
      'x-goog-api-key': options.key ?? KEY,
      'x-goog-upload-protocol': 'resumable',
      'x-goog-upload-command': 'start',
      'x-goog-upload-header-content-type': options.type ?? 'text/plain',
      ...(options.length !== undefined && { 'x-goog-upload-header-content-length': String(options.length) }),
      ...options.headers,
    },
    body: options.body ?? JSON.stringify({ file: options.file ?? {} }),
  });
}

/** The upload URL of a new session. */
export async function session(emulator: GeminiFilesEmulator, options: Start = {}): Promise<string> {
  const answer = await start(emulator, options);
  const url = answer.headers['x-goog-upload-url'];
  if (typeof url !== 'string') throw new Error(`start: ${answer.status} ${answer.text}`);
  return url;
}

export function commandHeaders(command: string, offset?: number): Record<string, string> {
  return {
    'x-goog-upload-command': command,
    ...(offset !== undefined && { 'x-goog-upload-offset': String(offset) }),
  };
}

export function upload(
  url: string,
  command: string,
  offset?: number,
  body: string | Buffer = '',
): Promise<Answer> {
  return send(url, {
    headers: { ...commandHeaders(command, offset), 'content-length': String(Buffer.byteLength(body)) },
    body,
  });
}

/** Offset by query. */
export async function received(url: string): Promise<number> {
  const { headers } = await upload(url, 'query');
  return Number(headers['x-goog-upload-size-received']);
}

/** Uploads `content` in one go; the File of the finalize's answer. */
export async function uploadWhole<T = Record<string, unknown>>(
  emulator: GeminiFilesEmulator,
  content: string | Buffer,
  options: Start = {},
): Promise<T> {
  const url = await session(emulator, { length: Buffer.byteLength(content), ...options });
  return json<{ file: T }>(await upload(url, 'upload, finalize', 0, content)).file;
}

export function api(
  emulator: GeminiFilesEmulator,
  method: string,
  path: string,
  key = KEY,
  body = '',
): Promise<Answer> {
  return send(`${emulator.url}${path}`, { method, headers: { 'x-goog-api-key': key }, body });
}
