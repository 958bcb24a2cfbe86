/** A fault that cannot do what it says is refused when it is added; what tests may need is not. */

import { connect } from 'node:net';
import { describe, expect, it } from 'vitest';
import { faults, type Fault } from '../../src/testing/index.js';
import { checkFault } from '../../src/testing/emulator/fault-check.js';
import { session, startEmulator, upload } from './emulator-http.js';

type Given = Record<string, unknown>;

const refused: Record<string, [Given, string][]> = {
  'a field that is unknown': [
    [{ on: 'get', do: 'respond', status: 503, time: 3 }, '"time" is not a field of respond'],
    [{ on: 'get', do: 'loseAnswer', ms: 3 }, '"ms" is not a field of loseAnswer'],
    [{ on: 'finalize', do: 'slowFinalize', ms: 1, answer: { status: 504, final: true } }, '"final" is not a'],
    [{ on: 'get', do: 'loseAnswer', constructor: 1 }, '"constructor" is not a field of loseAnswer'],
  ],
  'a field that is missing': [
    [{ on: 'get', do: 'delay' }, 'delay lacks ms'],
    [{ on: 'upload', do: 'pace' }, 'pace lacks bytesPerSecond'],
    [{ on: 'query', do: 'reportOffset' }, 'reportOffset lacks bytes'],
    [{ on: 'get', do: 'respond' }, 'respond lacks status'],
    [{ on: 'get', do: 'inform' }, 'inform lacks status'],
    [{ on: 'finalize', do: 'slowFinalize' }, 'slowFinalize lacks ms'],
    [{ on: 'finalize', do: 'showLate' }, 'showLate lacks ms'],
    [{ on: 'finalize', do: 'slowFinalize', ms: 1, answer: {} }, 'answer lacks status'],
  ],
  'a number that is none': [
    [{ on: 'get', do: 'delay', ms: '5s' }, 'ms "5s" is not a number'],
    [{ on: 'get', do: 'delay', ms: NaN }, 'ms NaN is not a number'],
    [{ on: 'get', do: 'delay', ms: -1 }, 'ms -1 is below 0'],
    [{ on: 'get', do: 'delay', ms: Infinity }, 'ms Infinity is not finite'],
    // A timer of Node would take it as 1 ms.
    [{ on: 'get', do: 'delay', ms: 2 ** 31 }, 'ms 2147483648 is above 2147483647'],
    [{ on: 'upload', do: 'pace', bytesPerSecond: 0 }, 'bytesPerSecond 0 is not above 0'],
    [{ on: 'upload', do: 'pace', bytesPerSecond: -1 }, 'bytesPerSecond -1 is below 0'],
    [{ on: 'upload', do: 'reset', afterBytes: '1MB' }, 'afterBytes "1MB" is not a number'],
    [{ on: 'upload', do: 'reset', afterBytes: Infinity }, 'afterBytes Infinity is not finite'],
    [{ on: 'upload', do: 'reset', afterTotalBytes: -1 }, 'afterTotalBytes -1 is below 0'],
    [{ on: 'upload', do: 'stall', afterBytes: null }, 'afterBytes null is not a number'],
    [{ on: 'get', do: 'cutAnswer', afterBytes: -1 }, 'afterBytes -1 is below 0'],
    [{ on: 'upload', do: 'rollBack', requests: 'x' }, 'requests "x" is not a number'],
    [{ on: 'upload', do: 'rollBack', requests: 1.5 }, 'requests 1.5 is not a whole number'],
    [{ on: 'upload', do: 'rollBack', requests: Infinity }, 'requests Infinity is not finite'],
    [{ on: 'query', do: 'reportOffset', bytes: NaN }, 'bytes NaN is not a number'],
    [{ on: 'finalize', do: 'slowFinalize', ms: 1, answerAfterMs: '1' }, 'answerAfterMs "1" is not a number'],
    [{ on: 'finalize', do: 'slowFinalize', ms: 1, visibleAfterMs: -1 }, 'visibleAfterMs -1 is below 0'],
    [{ on: 'get', do: 'reset', times: '2' }, 'times "2" is not a number'],
    [{ on: 'get', do: 'reset', times: 1.5 }, 'times 1.5 is not a whole number'],
    [{ on: 'get', do: 'reset', skip: -1 }, 'skip -1 is below 0'],
    [{ on: 'get', do: 'reset', skip: Infinity }, 'skip Infinity is not finite'],
  ],
  'another value that is none': [
    [{ on: 'upload', do: 'reset', persist: 'some' }, 'persist "some" is none of all, granular, none'],
    [{ on: 'get', do: 'respond', status: 503, work: 'never' }, 'work "never" is none of before, after'],
    [{ on: 'upload', do: 'stall', work: true }, 'work true is none of before, after'],
    [{ on: 'upload', do: 'respond', status: 503, early: 1 }, 'early 1 is not true or false'],
    [{ on: 'upload', do: 'respond', status: 503, final: 'yes' }, 'final "yes" is not true or false'],
    [{ on: 'get', do: 'respond', status: 503, text: {} }, 'text {} is not a string'],
    [{ on: 'get', do: 'respond', status: 503, json: '{}' }, 'json "{}" is not an object'],
    [{ on: 'get', do: 'respond', status: 503, json: { a: 1n } }, 'json: '],
    [{ on: 'get', do: 'respond', status: 503, headers: ['a: b'] }, 'headers ["a: b"] is not an object'],
    [{ on: 'get', do: 'wrongHash', sha256: 5 }, 'sha256 5 is not a string'],
    [{ on: 'finalize', do: 'slowFinalize', ms: 1, answer: null }, 'answer null is none of outcome, reset'],
    [{ on: 'get', do: 'reset', file: 'a' }, 'file "a" is not files/<id>'],
  ],
  'a header that ends the answer otherwise': ['Content-Length', 'transfer-encoding', 'trailer'].map(
    (name) => [
      { on: 'get', do: 'respond', status: 200, headers: { [name]: '1' } },
      `header "${name}": the emulator ends the answer by its content-length`,
    ],
  ),
  'a session where there is none': (['start', 'multipart', 'get', 'list', 'getModel'] as const).flatMap(
    (on) =>
      ['expireSession', 'terminateSession', 'cancelSession', 'rollBack'].map((what): [Given, string] => [
        { on, do: what },
        `${what} is for upload, finalize, query, cancel, * only`,
      ]),
  ),
  'what has no effect on its operation': [
    [{ on: 'list', do: 'reportOffset', bytes: 1 }, 'reportOffset is for query, * only'],
    [{ on: 'upload', do: 'reportOffset', bytes: 1 }, 'reportOffset is for query, * only'],
    [{ on: 'get', do: 'pace', bytesPerSecond: 1 }, 'pace is for start, upload, finalize, multipart, '],
    [
      { on: 'delete', do: 'omitState' },
      'omitState is for upload, finalize, query, multipart, get, list, * only',
    ],
    [{ on: 'getModel', do: 'wrongHash' }, 'wrongHash is for upload, '],
    [
      { on: 'get', do: 'reset', afterTotalBytes: 1 },
      'afterTotalBytes is for upload, finalize, multipart, * only',
    ],
    [{ on: 'list', do: 'respond', status: 400, final: true }, 'final is for start, upload, '],
    ...['start', 'multipart', 'list', 'generateContent', 'streamGenerateContent', 'countTokens'].map(
      (on): [Given, string] => [
        { on, do: 'reset', file: 'files/a' },
        'file is for upload, finalize, query, cancel, get, delete, * only',
      ],
    ),
  ],
  'fields of which one has no effect': [
    [{ on: 'get', do: 'respond', status: 503, json: {}, text: '' }, 'text has no effect with json'],
    [{ on: 'get', do: 'respond', status: 204, text: 'a' }, 'an answer with status 204 has no body'],
    [{ on: 'get', do: 'respond', status: 503, early: true, work: 'after' }, 'early has no effect with work'],
    [
      { on: 'upload', do: 'stall', afterBytes: 1, work: 'after' },
      'afterBytes has no effect with work "after"',
    ],
    [
      { on: 'upload', do: 'reset', afterBytes: 1, afterTotalBytes: 1 },
      'afterBytes has no effect with afterT',
    ],
  ],
};

const accepted: Given[] = [
  ...['expireSession', 'terminateSession', 'cancelSession', 'rollBack', 'omitState', 'wrongHash'].map(
    (what) => ({
      on: '*',
      do: what,
    }),
  ),
  { on: '*', do: 'reportOffset', bytes: 0 },
  { on: 'query', do: 'reportOffset', bytes: -1 },
  { on: 'get', do: 'wrongHash', sha256: '' },
  { on: '*', do: 'pace', bytesPerSecond: 0.5, file: 'files/a' },
  { on: 'upload', do: 'reset', afterBytes: 1.5, persist: 'all' },
  // Tests of the product draw these at random.
  { on: 'get', do: 'reset', persist: 'none' },
  { on: 'delete', do: 'stripUploadHeaders' },
  { on: 'finalize', do: 'slowFinalize', ms: Infinity, answer: 'outcome', answerAfterMs: 5 },
  { on: 'finalize', do: 'showLate', ms: Infinity },
  { on: 'get', do: 'respond', status: 204, text: '' },
  { on: 'get', do: 'respond', status: 503, final: false, json: undefined, headers: { 'retry-after': '1' } },
  { on: 'get', do: 'loseAnswer', times: 'always', skip: 2, file: 'files/a' },
  { on: 'get', do: 'loseAnswer', times: Infinity },
];

describe.each(Object.entries(refused))('a fault with %s', (_, rows) => {
  it.each(rows)('%o is refused: %s', (given, message) => {
    const check = (): void => checkFault(given as unknown as Fault);
    expect(check).toThrow(RangeError);
    expect(check).toThrow(`fault: ${message}`);
  });
});

it.each(accepted)('%o is accepted', (given) => checkFault(given as unknown as Fault));

it('a refused fault is not added', async () => {
  const emulator = await startEmulator();
  expect(() => emulator.addFaults({ on: 'list', do: 'rollBack' })).toThrow('fault: rollBack is for');
  emulator.assertFaultsConsumed();
});

describe('a full storage', () => {
  it('ends the session at finalize, as the provider does', async () => {
    const emulator = await startEmulator({ faults: [faults.storageQuotaFull('finalize')] });
    const url = await session(emulator);
    const answer = await upload(url, 'upload, finalize', 0, 'abcd');
    expect(answer).toMatchObject({ status: 429, headers: { 'x-goog-upload-status': 'final' } });
    expect(emulator.sessions).toMatchObject([{ state: 'terminated' }]);
  });

  it('has no session to end at start', () => {
    expect(faults.storageQuotaFull('start')).not.toHaveProperty('final');
  });
});

it('cutAnswer closes the connection in order, so that the client has the part that was sent', async () => {
  const emulator = await startEmulator({ faults: [{ on: 'list', do: 'cutAnswer', afterBytes: 2 }] });
  const socket = connect(Number(new URL(emulator.url).port), '127.0.0.1');
  socket.write('GET /v1beta/files HTTP/1.1\r\nhost: x\r\nx-goog-api-key: k\r\n\r\n');
  let received = '';
  for await (const chunk of socket) received += String(chunk);
  expect(received).toMatch(/\r\n\r\n.{1,2}$/s);
});
