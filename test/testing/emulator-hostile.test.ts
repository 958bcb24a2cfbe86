/** Hostile bytes on a raw socket: each gets an answer or a closed connection, and the emulator continues. */

import { once } from 'node:events';
import { connect } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import type { GeminiFilesEmulator } from '../../src/testing/index.js';
import { api, session, startEmulator } from './emulator-http.js';

/** Sends `bytes`, ends its side by default, and resolves with everything received until the connection closed. */
async function exchange(emulator: GeminiFilesEmulator, bytes: string | Buffer): Promise<string> {
  const socket = connect(Number(new URL(emulator.url).port), '127.0.0.1');
  onTestFinished(() => void socket.destroy());
  socket.on('error', () => undefined);
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  socket.end(bytes);
  await once(socket, 'close');
  return Buffer.concat(chunks).toString('latin1');
}

/** Errors that would have ended a process without listeners. */
function uncaughtErrors(): unknown[] {
  const errors: unknown[] = [];
  const note = (error: unknown): void => void errors.push(error);
  process.on('uncaughtException', note).on('unhandledRejection', note);
  onTestFinished(() => void process.off('uncaughtException', note).off('unhandledRejection', note));
  return errors;
}

const HEADERS = 'Host: x\r\nx-goog-api-key: k\r\nConnection: close\r\n';
const line = (text: string): string => `${text} HTTP/1.1\r\n${HEADERS}\r\n`;
const post = (path: string, headers: string, body = ''): string =>
  `POST ${path} HTTP/1.1\r\n${HEADERS}${headers}Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
const START = 'x-goog-upload-protocol: resumable\r\nx-goog-upload-command: start\r\n';
const UPLOAD = '/upload/v1beta/files';
const GENERATE = '/v1beta/models/m:generateContent';
const notUrl = 'The target of the request line is not a URL.';

it.each<[string, string, number | 'closed', string?]>([
  ['a target that is not a URL', line('GET http://['), 400, notUrl],
  ['a target of two slashes', line('GET //'), 400, notUrl],
  ['a target with half an IPv6 address', line('DELETE //[::1'), 400, notUrl],
  ['a target with a backslash and a bracket', line('GET /\\['), 400, notUrl],
  ['a port that is not one', line('POST http://a:99999/v1beta/files'), 400, notUrl],
  ['a target of `*`', line('OPTIONS *'), 501],
  ['broken percent signs', line('GET /v1beta/files/%E0%A4%A'), 400],
  ['a NUL in a name', line('DELETE /v1beta/files/%00'), 400],
  ['a climb out of the path', line('GET /v1beta/files/../../etc/passwd'), 501],
  ['a method that is not known to the API', line('PATCH /v1beta/files/a'), 501],
  ['a method that is not HTTP', line('BREW /v1beta/files'), 400],
  ['CONNECT', line('CONNECT a:443'), 'closed'],
  ['no HTTP at all', '\x16\x03\x01\x02\x00\x01\x00', 400],
  ['HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 400],
  ['an empty line only', '\r\n', 'closed'],
  ['nothing', '', 'closed'],
  ['half a request line', 'GET /v1beta', 400],
  ['no Host', 'GET /v1beta/files HTTP/1.1\r\nConnection: close\r\n\r\n', 400],
  ['a header without a colon', `GET /v1beta/files HTTP/1.1\r\nHost x\r\n\r\n`, 400],
  ['headers without end', `GET /v1beta/files HTTP/1.1\r\nX: ${'x'.repeat(100_000)}`, 431],
  ['a length that is not a number', `POST ${UPLOAD} HTTP/1.1\r\n${HEADERS}Content-Length: x\r\n\r\n`, 400],
  ['a length below 0', `POST ${UPLOAD} HTTP/1.1\r\n${HEADERS}Content-Length: -1\r\n\r\n`, 400],
  [
    'a length and chunks',
    `POST ${UPLOAD} HTTP/1.1\r\n${HEADERS}Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
    400,
  ],
  [
    'a bad chunk',
    `POST ${UPLOAD} HTTP/1.1\r\n${HEADERS}${START}Transfer-Encoding: chunked\r\n\r\nZZ\r\n`,
    'closed',
  ],
  ['a body that is shorter than said', post(UPLOAD, START, '{"file":{}}').slice(0, -3), 'closed'],
  ['a Host that is not one', post(UPLOAD, START).replace('Host: x', 'Host: ['), 200],
  ['an expectation', post(UPLOAD, `${START}Expect: the-moon\r\n`), 417],
  ['an upgrade', post(UPLOAD, `${START}Upgrade: h2c\r\n`).replace('close', 'upgrade, close'), 200],
  ['commands without end', post(UPLOAD, `x-goog-upload-command: ${'upload,'.repeat(500)}\r\n`), 400],
  ['an offset that is not a number', post(UPLOAD, 'x-goog-upload-command: upload\r\n'), 404],
  [
    'a huge declared length',
    post(UPLOAD, `${START}x-goog-upload-header-content-length: ${'9'.repeat(19)}\r\n`),
    400,
  ],
  ['JSON that is null', post(UPLOAD, START, 'null'), 200],
  ['JSON that is a number', post(UPLOAD, START, '7'), 200],
  ['a file that is a text', post(UPLOAD, START, '{"file":"x"}'), 200],
  ['a name that is a list', post(UPLOAD, START, '{"file":{"name":[]}}'), 400],
  ['quotes without end', post(UPLOAD, START, '\\"'.repeat(100_000)), 400],
  ['half a text', post(UPLOAD, START, `{"file":'`), 400],
  ['lists without end', post(UPLOAD, START, '['.repeat(100_000)), 400],
  [
    'a name of lists in lists',
    post(UPLOAD, START, `{"file":{"name":${'['.repeat(9e4)}${']'.repeat(9e4)}}}`),
    400,
  ],
  ['contents of null', post(GENERATE, '', '{"contents":[null,{"parts":[null,{"fileData":null}]}]}'), 200],
  [
    'a file uri that is a number',
    post(GENERATE, '', '{"contents":{"parts":{"fileData":{"fileUri":1}}}}'),
    400,
  ],
  ['a page token that is none', line('GET /v1beta/files?pageToken=%ff&pageSize=1'), 400],
  ['a page size that is none', line('GET /v1beta/files?pageSize=-1'), 400],
])('%s', async (_, bytes, expected, text = '') => {
  const errors = uncaughtErrors();
  const emulator = await startEmulator();
  const answer = await exchange(emulator, bytes);
  if (expected === 'closed') expect(answer).toMatch(/^(?:HTTP\/1\.1 400 |$)/);
  else expect(answer).toMatch(new RegExp(`^HTTP/1\\.1 ${expected} `));
  expect(answer).toContain(text);
  expect((await api(emulator, 'GET', '/v1beta/files')).text).toBe('{}\n');
  expect(errors).toEqual([]);
});

it('continues after a client that leaves at any point of an upload', async () => {
  const errors = uncaughtErrors();
  const emulator = await startEmulator({ granularity: 4 });
  const { pathname, search } = new URL(await session(emulator, { length: 8 }));
  const headers = 'x-goog-upload-command: upload, finalize\r\nx-goog-upload-offset: 0\r\n';
  const whole = post(`${pathname}${search}`, headers, 'abcdefgh');
  for (let length = 1; length < whole.length; length += 7) {
    const socket = connect(Number(new URL(emulator.url).port), '127.0.0.1');
    await once(socket, 'connect');
    await new Promise((resolve) => socket.write(whole.slice(0, length), resolve));
    socket.resetAndDestroy();
  }
  await emulator.waitFor(() => emulator.requests.every(({ outcome }) => outcome !== 'open'));
  expect(emulator.files.size).toBe(0);
  expect((await api(emulator, 'GET', '/v1beta/files')).status).toBe(200);
  expect(errors).toEqual([]);
});

it('an option that throws is an answer of 500, and nothing has changed', async () => {
  const errors = uncaughtErrors();
  const emulator = await startEmulator({
    rejectMimeType: () => {
      throw new Error('a bug of the test');
    },
  });
  const { pathname, search } = new URL(await session(emulator, { length: 1 }));
  const headers = 'x-goog-upload-command: upload, finalize\r\nx-goog-upload-offset: 0\r\n';
  const answer = await exchange(emulator, post(`${pathname}${search}`, headers, 'a'));
  expect(answer).toMatch(/^HTTP\/1\.1 500 /);
  expect(answer).toContain('a bug of the test');
  expect(emulator.sessions).toMatchObject([{ state: 'active', receivedBytes: 0 }]);
  expect(errors).toEqual([]);
});
