/** Answers that do not come from the provider, on each operation. */

import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { faults, type Fault, type FaultTarget, type GeminiFilesEmulator } from '../../src/testing/index.js';
import {
  answerTo,
  api,
  KEY,
  open,
  session,
  start,
  startEmulator,
  upload,
  type Answer,
} from './emulator-http.js';

const operations: Record<string, (emulator: GeminiFilesEmulator, url: string) => Promise<Answer>> = {
  start: (emulator) => start(emulator),
  upload: (_, url) => upload(url, 'upload', 0, 'abcd'),
  finalize: (_, url) => upload(url, 'upload, finalize', 0, 'abcd'),
  query: (_, url) => upload(url, 'query'),
  cancel: (_, url) => upload(url, 'cancel'),
  get: (emulator) => api(emulator, 'GET', '/v1beta/files/old'),
  list: (emulator) => api(emulator, 'GET', '/v1beta/files'),
  delete: (emulator) => api(emulator, 'DELETE', '/v1beta/files/old'),
};
const html = { 'content-type': 'text/html; charset=UTF-8' };
const page = (title: string): unknown => expect.stringContaining(`<title>${title}</title>`);

const answers: readonly [string, (on: FaultTarget) => Fault, object][] = [
  ['403', (on) => faults.htmlError(on, 403), { status: 403, headers: html, text: page('403 Forbidden') }],
  ['404', (on) => faults.htmlError(on, 404), { status: 404, headers: html, text: page('404 Not Found') }],
  ['502', (on) => faults.htmlError(on, 502), { status: 502, headers: html, text: page('502 Bad Gateway') }],
  [
    '504',
    (on) => faults.htmlError(on, 504),
    { status: 504, headers: html, text: page('504 Gateway Timeout') },
  ],
  [
    '302',
    (on) => faults.loginRedirect(on),
    { status: 302, headers: { location: 'https://login.invalid/' }, text: '' },
  ],
  ['a login page', (on) => faults.loginPage(on), { status: 200, headers: html, text: page('Sign in') }],
  ['nothing', (on) => faults.emptyAnswer(on), { status: 200, text: '' }],
  [
    '407',
    (on) => faults.proxyAuthentication(on),
    { status: 407, headers: { ...html, 'proxy-authenticate': 'Basic realm="proxy"' } },
  ],
];

describe.each(Object.keys(operations))('%s', (operation) => {
  const on = operation as FaultTarget;

  async function prepared(fault: Fault): Promise<{ emulator: GeminiFilesEmulator; url: string }> {
    const emulator = await startEmulator({ granularity: 4 });
    emulator.addFile({ name: 'files/old', content: 'x', apiKey: KEY });
    const url = await session(emulator, { length: 4 });
    emulator.addFaults(fault);
    return { emulator, url };
  }

  it.each(answers)('is answered with %s in its place, and does nothing', async (_, fault, expected) => {
    const { emulator, url } = await prepared(fault(on));
    const answer = await operations[operation]?.(emulator, url);
    expect(answer).toMatchObject(expected);
    expect(answer?.headers).not.toHaveProperty('x-goog-upload-status');
    expect(emulator.sessions).toMatchObject([{ state: 'active', receivedBytes: 0 }]);
    expect([...emulator.files.keys()]).toEqual(['files/old']);
    emulator.assertFaultsConsumed();
  });

  it.each([100, 102, 103] as const)('gets %i first, then the real answer', async (status) => {
    const { emulator, url } = await prepared(faults.unsolicited(on, status));
    const answer = await operations[operation]?.(emulator, url);
    expect(answer?.status).toBe(200);
    expect(emulator.requests.at(-1)).toMatchObject({ fault: { do: 'inform', status }, outcome: 'answered' });
    emulator.assertFaultsConsumed();
  });
});

it('an interim answer is on the wire before the real one', async () => {
  const emulator = await startEmulator({ faults: [faults.unsolicited('list', 103)] });
  const opened = open(`${emulator.url}/v1beta/files`, { method: 'GET', headers: { 'x-goog-api-key': KEY } });
  const seen: number[] = [];
  opened.on('information', ({ statusCode }: { statusCode: number }) => seen.push(statusCode));
  opened.on('response', ({ statusCode }: { statusCode: number }) => seen.push(statusCode));
  const answer = answerTo(opened);
  opened.end();
  await answer;
  expect(seen).toEqual([103, 200]);
});

it('an unsolicited 100 Continue is one', async () => {
  const emulator = await startEmulator({ faults: [faults.unsolicited('get')] });
  const opened = open(`${emulator.url}/v1beta/files/a`, {
    method: 'GET',
    headers: { 'x-goog-api-key': KEY },
  });
  const interim = once(opened, 'continue');
  const answer = answerTo(opened);
  opened.end();
  await interim;
  expect((await answer).status).toBe(403);
});

it('an answer can replace that of work that was done', async () => {
  const emulator = await startEmulator({ faults: [faults.htmlError('delete', 504, { work: 'after' })] });
  emulator.addFile({ name: 'files/old', content: 'x', apiKey: KEY });
  expect((await api(emulator, 'DELETE', '/v1beta/files/old')).status).toBe(504);
  expect(emulator.files.size).toBe(0);
});

it('refuses an answer that cannot be sent, when it is added', async () => {
  const emulator = await startEmulator();
  const bad = (fault: Fault) => (): void => emulator.addFaults(fault);
  const status = 'is not a whole number from 200 to 999';
  expect(bad(faults.respond('get', 99))).toThrow(`fault: status 99 ${status}`);
  expect(bad(faults.respond('get', 100))).toThrow(`fault: status 100 ${status}`);
  expect(bad({ on: 'finalize', do: 'slowFinalize', ms: 1, answer: { status: 5 } })).toThrow(
    `fault: status 5 ${status}`,
  );
  expect(bad(faults.respond('get', 200, { headers: { 'a b': 'c' } }))).toThrow('fault: header "a b": ');
  expect(bad(faults.respond('get', 200, { headers: { a: 'b\r\nc: d' } }))).toThrow('fault: header "a": ');
  expect(bad({ on: 'get', do: 'inform', status: 101 } as unknown as Fault)).toThrow(
    'fault: status 101 is not 100, 102 or 103',
  );
});
