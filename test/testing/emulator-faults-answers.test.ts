/** Scripted faults of time, of sessions and of answers. */

import { describe, expect, it } from 'vitest';

import {
  answerTo,
  api,
  commandHeaders,
  errorOf,
  json,
  open,
  received,
  send,
  session,
  sha256,
  start,
  startEmulator,
  upload,
  uploadWhole,
} from './emulator-http.js';

const content = 'abcdefghijkl';

describe('stall and delay', () => {
  it.each([
    [{}, 0, 0],
    [{ afterBytes: 5 }, 5, 4],
    [{ work: 'after' }, 12, 12],
  ] as const)('stall with %o never answers', async (stall, read, kept) => {
    const emulator = await startEmulator({
      granularity: 4,
      faults: [{ on: 'upload', do: 'stall', ...stall }],
    });
    const url = await session(emulator, { length: 12 });
    const opened = open(url, {
      headers: { ...commandHeaders('upload, finalize', 0), 'content-length': '12' },
    });
    let answered = false;
    opened.on('response', () => (answered = true));
    opened.end(content);
    const stalled = await emulator.waitFor((requests) =>
      requests.find(({ outcome }) => outcome === 'stalled'),
    );
    expect(stalled).toMatchObject({ bytes: read, status: undefined });
    opened.destroy();
    expect(await received(url)).toBe(kept);
    expect(answered).toBe(false);
    expect(emulator.files.size).toBe(kept === 12 ? 1 : 0);
  });

  it('a stalled connection ends with the emulator', async () => {
    const emulator = await startEmulator({ faults: [{ on: 'list', do: 'stall' }] });
    const ended = errorOf(api(emulator, 'GET', '/v1beta/files'));
    await emulator.waitFor((requests) => requests[0]?.outcome === 'stalled');
    await emulator.close();
    expect(await ended).toBe('ECONNRESET');
  });

  it('delay lets time pass before the work', async () => {
    const emulator = await startEmulator({ faults: [{ on: 'list', do: 'delay', ms: 60 }] });
    const began = performance.now();
    expect((await api(emulator, 'GET', '/v1beta/files')).status).toBe(200);
    expect(performance.now() - began).toBeGreaterThanOrEqual(59);
  });

  it('a delay ends with the emulator', async () => {
    const emulator = await startEmulator({ faults: [{ on: 'list', do: 'delay', ms: 3_600_000 }] });
    const ended = errorOf(api(emulator, 'GET', '/v1beta/files'));
    await emulator.waitFor((requests) => requests.length === 1);
    await emulator.close();
    expect(await ended).toBe('ECONNRESET');
  });

  it('pace reads the body slowly', async () => {
    const emulator = await startEmulator({ faults: [{ on: 'upload', do: 'pace', bytesPerSecond: 100 }] });
    const url = await session(emulator);
    const opened = open(url, {
      headers: { ...commandHeaders('upload, finalize', 0), 'content-length': '12' },
    });
    const answer = answerTo(opened);
    const began = performance.now();
    opened.write(content.slice(0, 6));
    await emulator.waitFor((requests) => requests.at(-1)?.bytes === 6);
    opened.end(content.slice(6));
    expect((await answer).status).toBe(200);
    // 6 bytes at 100 a second hold what follows back for 60 ms.
    expect(performance.now() - began).toBeGreaterThanOrEqual(59);
  });
});

describe('sessions', () => {
  it.each([
    ['expireSession', [404, ''], [404, '']],
    [
      'terminateSession',
      [400, 'Upload has already been terminated.'],
      [400, 'Upload has already been terminated.'],
    ],
    ['cancelSession', [400, 'Upload has already been terminated.'], [410, '']],
  ] as const)('%s', async (action, data, query) => {
    const emulator = await startEmulator({ granularity: 4, faults: [{ on: 'upload', do: action, skip: 1 }] });
    const url = await session(emulator);
    expect((await upload(url, 'upload', 0, 'abcd')).status).toBe(200);
    for (const [command, expected] of [['upload', data] as const, ['query', query] as const]) {
      const { status, text } = await upload(url, command, 4, command === 'upload' ? 'efgh' : '');
      expect([status, text]).toEqual(expected);
    }
  });

  it('rollBack forgets data requests, and their hash', async () => {
    const emulator = await startEmulator({
      granularity: 4,
      faults: [{ on: 'query', do: 'rollBack', requests: 2 }],
    });
    const url = await session(emulator, { length: 12, file: { name: 'files/a' } });
    await upload(url, 'upload', 0, 'abcd');
    await upload(url, 'upload', 4, 'XXXX');
    await upload(url, 'upload', 8, 'YYYY');
    expect(await received(url)).toBe(4);
    expect((await upload(url, 'upload, finalize', 4, content.slice(4))).status).toBe(200);
    expect(emulator.files.get('files/a')?.sha256).toBe(sha256(content));
  });

  it.each([3, 4096])('reportOffset reports %i', async (bytes) => {
    const emulator = await startEmulator({
      granularity: 4,
      faults: [{ on: 'query', do: 'reportOffset', bytes }],
    });
    const url = await session(emulator);
    await upload(url, 'upload', 0, 'abcd');
    expect([await received(url), await received(url)]).toEqual([bytes, 4]);
  });
});

describe('answers that lack or lie', () => {
  it('stripUploadHeaders', async () => {
    const emulator = await startEmulator({
      granularity: 4,
      faults: [
        { on: 'start', do: 'stripUploadHeaders' },
        { on: 'upload', do: 'stripUploadHeaders', times: 2 },
      ],
    });
    const headersOf = (headers: object): string[] =>
      Object.keys(headers).filter((name) => name.startsWith('x-goog-upload'));
    const stripped = await start(emulator);
    expect([stripped.status, headersOf(stripped.headers)]).toEqual([200, []]);
    const url = await session(emulator);
    for (const [command, offset] of [['upload', 0] as const, ['upload, finalize', 4] as const]) {
      const answer = await upload(url, command, offset, 'abcd');
      expect([answer.status, headersOf(answer.headers)]).toEqual([200, []]);
    }
    expect(emulator.files.size).toBe(1);
  });

  it('omitState and wrongHash, in finalize, get and list', async () => {
    for (const on of ['finalize', 'get', 'list'] as const) {
      const emulator = await startEmulator({
        faults: [
          { on, do: 'omitState' },
          { on, do: 'wrongHash' },
          { on, do: 'wrongHash', sha256: 'ab' },
        ],
      });
      const seen: Record<string, unknown>[] = [];
      const file = emulator.addFile({ content: 'x', apiKey: 'k' });
      for (let count = 0; count < 3; count++) {
        if (on === 'finalize') seen.push(await uploadWhole(emulator, content));
        if (on === 'get') seen.push(json(await api(emulator, 'GET', `/v1/${file}`, 'k')));
        if (on === 'list')
          seen.push(...json<{ files: [] }>(await api(emulator, 'GET', '/v1/files', 'k')).files);
      }
      expect(seen[0]).not.toHaveProperty('state');
      expect(
        seen.slice(1).map(({ sha256Hash }) => Buffer.from(String(sha256Hash), 'base64').toString()),
      ).toEqual(['0'.repeat(64), 'ab']);
      expect(seen[1]?.['state']).toBe('ACTIVE');
    }
  });
});

it('waitFor gives up with a summary, after its time and when the emulator closes', async () => {
  const emulator = await startEmulator();
  await send(`${emulator.url}/v1beta/files`, { method: 'GET' });
  await expect(emulator.waitFor(() => false, { timeoutMs: 5 })).rejects.toThrow(
    'waitFor: nothing in 5 ms; the last requests:\nlist (0 bytes in): 403',
  );
  const waiting = emulator.waitFor(() => false);
  await emulator.close();
  await expect(waiting).rejects.toThrow('waitFor: the emulator was closed');
});

describe('waitFor', () => {
  it('sees what the test changes, and what time changes', async () => {
    const emulator = await startEmulator({ processing: '1h' });
    const film = { content: 'x', mimeType: 'video/mp4', apiKey: 'k' };
    const [first, second] = [emulator.addFile(film), emulator.addFile(film)];
    const isActive = (name: string) => () => emulator.files.get(name)?.state === 'ACTIVE';
    const waiting = [first, second].map((name) => emulator.waitFor(isActive(name), { timeoutMs: 5000 }));
    emulator.activate(first);
    await waiting[0];
    expect(isActive(second)()).toBe(false);
    emulator.advance(3_600_000);
    await waiting[1];
  });

  it('refuses a predicate that is async, and an emulator that is closed', async () => {
    const emulator = await startEmulator();
    await expect(emulator.waitFor(() => Promise.resolve(false))).rejects.toThrow('must not be async');
    await emulator.close();
    await expect(emulator.waitFor(() => false)).rejects.toThrow('waitFor: the emulator was closed');
    expect(await emulator.waitFor(() => true)).toBe(true);
  });
});
