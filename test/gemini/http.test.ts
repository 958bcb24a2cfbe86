/** get, delete and list with misbehaving servers; the bounds of an answer's head are in test/security/network.test.ts. */

import { once } from 'node:events';
import type { Socket } from 'node:net';
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { deleteFile, getFile, listFiles } from '../../src/gemini/index.js';
import { connectionTo, KEY, NAME } from '../support/connection.js';
import { rawServer, type ListeningServer } from '../support/raw-server.js';
import { stopwatch } from '../support/stopwatch.js';

afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
});

const FILE = JSON.stringify({ name: NAME, state: 'ACTIVE', sizeBytes: '5' });
const bodyFor = (head: string) =>
  head.startsWith('DELETE') ? '{}' : head.includes('/files/') ? FILE : `{"files":[${FILE}]}`;

function ok(body: string, headers: readonly string[] = []): string {
  return ['HTTP/1.1 200 OK', `content-length: ${body.length}`, ...headers, '', body].join('\r\n');
}

const to = ({ port }: ListeningServer, bounds = {}) => connectionTo(`http://127.0.0.1:${port}`, bounds);
const operations = {
  get: getFile,
  delete: deleteFile,
  list: (connection: Parameters<typeof listFiles>[0]) => listFiles(connection),
};
const each = Object.entries(operations).map(([name, call]) => ({ name, call }));

describe.each(each)('$name', ({ call }) => {
  it.each([
    ['100', 'HTTP/1.1 100 Continue\r\n\r\n'],
    ['103', 'HTTP/1.1 103 Early Hints\r\nlink: <x>\r\n\r\n'],
  ])('tolerates a %s that nobody asked for', async (_, information) => {
    await using at = await rawServer((socket, head) => socket.write(information + ok(bodyFor(head))));
    await call(to(at), NAME);
  });

  it('gives up an answer whose body drips', async () => {
    await using at = await rawServer((socket, head) => {
      // Spaces before the last byte, which never comes.
      const [start, end] = [bodyFor(head).slice(0, -1), ' '.repeat(5000)];
      socket.write(ok(start + end).slice(0, -end.length));
      const timer = setInterval(() => socket.write(' '), 20);
      socket.once('close', () => clearInterval(timer));
    });
    await expect(call(to(at, { requestTimeoutMs: 300 }), NAME)).rejects.toMatchObject({
      kind: 'connection',
      message: expect.stringMatching(/did not answer in time|did not end/) as unknown,
    });
  });

  it('follows no redirect', async () => {
    const heads: string[] = [];
    await using at = await rawServer((socket, head) => {
      heads.push(head);
      socket.write(`HTTP/1.1 302 Found\r\nlocation: /elsewhere\r\ncontent-length: 0\r\n\r\n`);
    });
    await expect(call(to(at), NAME)).rejects.toMatchObject({ status: 302 });
    expect(heads).toHaveLength(1);
  });

  it.each([
    ['no answer', ''],
    ['half of an answer', ok(FILE).slice(0, -5)],
  ])('notices at once that the server has ended its side after %s', async (_, answer) => {
    await using at = await rawServer((socket) => socket.end(answer), { allowHalfOpen: true });
    await expect(call(to(at), NAME)).rejects.toMatchObject({ kind: 'connection' });
  });

  it('does not take a switch to another protocol for an answer', async () => {
    await using at = await rawServer((socket) => {
      socket.write('HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n{}');
    });
    await expect(call(to(at, { requestTimeoutMs: 300 }), NAME)).rejects.toMatchObject({ kind: 'connection' });
  });

  it('reads an answer that ends with its connection', async () => {
    await using at = await rawServer((socket, head) => {
      socket.end(`HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n${bodyFor(head)}`);
    });
    await call(to(at), NAME);
    await call(to(at), NAME);
  });

  it('leaves the environment alone, and does not look at it', async () => {
    vi.stubEnv('GEMINI_API_KEY', 'AIza-one');
    vi.stubEnv('GOOGLE_API_KEY', 'AIza-two');
    vi.stubEnv('GOOGLE_GENAI_USE_VERTEXAI', 'true');
    vi.stubEnv('GOOGLE_GENAI_USE_ENTERPRISE', 'false');
    const warn = vi.spyOn(console, 'warn');
    const heads: string[] = [];
    await using at = await rawServer((socket, head) => {
      heads.push(head);
      socket.write(ok(bodyFor(head)));
    });
    const { env } = process;
    const changes: unknown[] = [];
    const note = (...change: unknown[]) => changes.push(change);
    process.env = new Proxy(env, {
      set: (target, name, value) => (note('set', name), Reflect.set(target, name, value)),
      deleteProperty: (target, name) => (note('delete', name), Reflect.deleteProperty(target, name)),
    });
    try {
      await call(to(at), NAME);
    } finally {
      process.env = env;
    }
    expect(changes).toEqual([]);
    expect(warn).not.toHaveBeenCalled();
    expect(heads.join()).toContain(`x-goog-api-key: ${KEY}`);
    expect(heads.join()).not.toMatch(/AIza-(one|two)/);
  });
});

describe('an answer that is too long', () => {
  const longAnswer = (bytes: number) =>
    rawServer((socket) => {
      socket.write(`HTTP/1.1 200 OK\r\ncontent-length: ${bytes}\r\n\r\n{"files":[]}`);
      socket.write(Buffer.alloc(bytes - 12, ' '));
    });
  const MIB = 1024 * 1024;

  it('is that of another server if it is about one file', async () => {
    await using at = await longAnswer(MIB + 1);
    for (const call of [operations.get, operations.delete]) {
      await expect(call(to(at), NAME)).rejects.toMatchObject({
        kind: 'unavailable',
        message: expect.stringContaining('the answer is longer than 1048576 bytes') as unknown,
      });
    }
  });

  it('is refused for good if it is a list, which would be as long again', async () => {
    await using page = await longAnswer(12 * MIB);
    expect(await operations.list(to(page))).toEqual({ files: [] });
    await using at = await longAnswer(13 * MIB);
    await expect(operations.list(to(at))).rejects.toMatchObject({ kind: 'rejected', retryable: false });
  });
});

describe('an answer that a gateway has encoded', () => {
  const asItIs = (body: string) => Buffer.from(body);
  /** The beginning of a frame of Zstandard. */
  const ZSTD = Buffer.from('28b52ffd2402110000', 'hex');
  const encoded = (encoding: string, encode: (body: string) => Buffer, status = '200 OK') =>
    rawServer((socket, head) => {
      const body = encode(bodyFor(head));
      socket.write(
        `HTTP/1.1 ${status}\r\ncontent-encoding: ${encoding}\r\ncontent-length: ${body.length}\r\n\r\n`,
      );
      socket.write(body);
    });

  it.each<[string, (body: string) => Buffer]>([
    ['gzip', gzipSync],
    ['X-GZIP', gzipSync],
    ['deflate', deflateSync],
    ['deflate', deflateRawSync],
    ['br', brotliCompressSync],
    ['gzip, br', (body) => brotliCompressSync(gzipSync(body))],
  ])('as %s is read', async (encoding, encode) => {
    await using at = await encoded(encoding, encode);
    expect(await operations.get(to(at), NAME)).toMatchObject({ name: NAME, sizeBytes: 5 });
    await operations.delete(to(at), NAME);
    expect(await operations.list(to(at))).toMatchObject({ files: [{ name: NAME }] });
  });

  it.each(['identity', 'identity, identity', 'utf-8', 'none', 'gzip', 'br', 'deflate', 'zstd'])(
    'is read although nothing is left to decode of its encoding %s',
    async (encoding) => {
      await using at = await encoded(encoding, asItIs);
      expect(await operations.get(to(at), NAME)).toMatchObject({ name: NAME, sizeBytes: 5 });
      await operations.delete(to(at), NAME);
      expect(await operations.list(to(at))).toMatchObject({ files: [{ name: NAME }] });
    },
  );

  it('is read if it is an error, too', async () => {
    const denied = JSON.stringify({
      error: { code: 403, message: 'It may not exist.', status: 'PERMISSION_DENIED' },
    });
    await using at = await encoded('gzip', () => gzipSync(denied), '403 Forbidden');
    await expect(operations.get(to(at), NAME)).rejects.toMatchObject({ kind: 'not-found', status: 403 });
  });

  it.each<[string, (body: string) => Buffer, string]>([
    ['gzip', asItIs, 'Bad words.'],
    ['zstd', asItIs, 'Bad words.'],
    ['zstd', () => ZSTD, 'an answer with the encoding "zstd"'],
  ])('keeps its status as %s if it is an error', async (encoding, encode, said) => {
    const bad = JSON.stringify({ error: { code: 400, message: 'Bad words.', status: 'INVALID_ARGUMENT' } });
    await using at = await encoded(encoding, () => encode(bad), '400 Bad Request');
    await expect(operations.get(to(at), NAME)).rejects.toMatchObject({
      status: 400,
      message: expect.stringContaining(said) as unknown,
    });
  });

  it('is bounded as it is decoded', async () => {
    await using at = await encoded('gzip', () => gzipSync(Buffer.alloc(64 * 1024 * 1024, ' ')));
    await expect(operations.get(to(at), NAME)).rejects.toMatchObject({
      kind: 'unavailable',
      message: expect.stringContaining('longer than 1048576 bytes') as unknown,
    });
  });

  it.each<[string, (body: string) => Buffer]>([
    ['zstd', () => ZSTD],
    ['gzip, br', gzipSync],
    ['gzip, gzip, gzip, gzip', (body) => gzipSync(gzipSync(gzipSync(gzipSync(body))))],
    ['gzip', (body) => gzipSync(body).subarray(0, -9)],
    ['br', (body) => brotliCompressSync(body).subarray(0, -5)],
  ])(
    'as %s that cannot be decoded is named, and another request may fare better',
    async (encoding, encode) => {
      await using at = await encoded(encoding, encode);
      await expect(operations.get(to(at), NAME)).rejects.toMatchObject({
        kind: 'unavailable',
        message: expect.stringContaining(`the encoding "${encoding}", and could not be decoded`) as unknown,
      });
    },
  );
});

describe('an idle connection', () => {
  it('is used again, until the server closes it', async () => {
    const seen: number[] = [];
    const sockets: Socket[] = [];
    await using at = await rawServer((socket, head, connection) => {
      seen.push(connection);
      sockets.push(socket);
      socket.write(ok(bodyFor(head)));
    });
    await getFile(to(at), NAME);
    await getFile(to(at), NAME);
    const [socket] = sockets;
    if (!socket) throw new Error('no request came');
    // Closed on both sides: the client has noticed.
    const closed = once(socket, 'close');
    socket.end();
    await closed;
    await getFile(to(at), NAME);
    expect(seen).toEqual([1, 1, 2]);
  });

  it('is not used again after the time that the server gives it', async () => {
    const seen: number[] = [];
    await using at = await rawServer((socket, head, connection) => {
      seen.push(connection);
      socket.write(ok(bodyFor(head), ['connection: keep-alive', 'keep-alive: timeout=1']));
    });
    await getFile(to(at), NAME);
    await getFile(to(at), NAME);
    expect(seen).toEqual([1, 2]);
  });

  it('is closed after a few seconds, before most servers do so', async () => {
    const closed: Promise<unknown>[] = [];
    await using at = await rawServer((socket, head) => {
      closed.push(once(socket, 'end'));
      socket.write(ok(bodyFor(head)));
    });
    await getFile(to(at), NAME);
    const elapsed = stopwatch();
    await Promise.all(closed);
    expect(elapsed()).toBeLessThan(5000);
  });

  it('that breaks under a request is not an answer, and the request is not sent again', async () => {
    const heads: string[] = [];
    await using at = await rawServer((socket, head) => {
      heads.push(head);
      if (heads.length === 1) socket.write(ok(bodyFor(head)));
      else socket.resetAndDestroy();
    });
    await getFile(to(at), NAME);
    await expect(getFile(to(at), NAME)).rejects.toMatchObject({ kind: 'connection' });
    expect(heads).toHaveLength(2);
  });
});

it('reaches a server at the IPv6 loopback address', async () => {
  await using at = await rawServer((socket, head) => socket.write(ok(bodyFor(head))), { host: '::1' });
  const connection = connectionTo(`http://[::1]:${at.port}`);
  expect(await getFile(connection, NAME)).toMatchObject({ name: NAME });
  await deleteFile(connection, NAME);
});

it('reads an answer that starts with a byte order mark', async () => {
  await using at = await rawServer((socket) =>
    socket.write(`HTTP/1.1 200 OK\r\ncontent-length: ${FILE.length + 3}\r\n\r\n\uFEFF${FILE}`),
  );
  expect(await getFile(to(at), NAME)).toMatchObject({ name: NAME });
});
