/** Answers that come long after the last byte of a body: of gateways that buffer a request, and behind slow lines. */

import { createServer } from 'node:http';
import { describe, expect, it } from 'vitest';
import { dataAnswerMs } from '../../src/gemini/connection.js';
import { getFile, sendBytes } from '../../src/gemini/index.js';
import { connectionTo, NAME } from '../support/connection.js';
import { listening } from '../support/raw-server.js';

const MIB = 1024 * 1024;

it.each([
  [{}, 0, 120_000],
  [{}, 8 * MIB, 128_000],
  [{}, 64 * MIB, 184_000],
  [{ dataAnswerTimeoutMs: 600_000 }, MIB, 601_000],
  [{ stallTimeoutMs: 1000 }, 0, 4000],
])('%j: the answer to %i bytes is waited for for %i ms', (bounds, bytes, ms) => {
  expect(dataAnswerMs(connectionTo('https://files.test', bounds), bytes)).toBe(ms);
});

describe('an answer that takes longer than a connection may be idle', () => {
  const slowly = (ms: number) =>
    listening(
      createServer((request, response) => {
        request.resume().on('end', () => {
          const timer = setTimeout(() => response.setHeader('x-goog-upload-status', 'active').end(), ms);
          response.on('close', () => clearTimeout(timer));
        });
      }),
    );
  const sending = (port: number, bounds: object) => {
    const body = (async function* () {
      yield await Promise.resolve(Buffer.from('words'));
    })();
    const session = { url: `http://127.0.0.1:${port}/upload?upload_id=1`, granularity: 1 };
    const input = { offset: 0, contentLength: 5, body, finalize: false };
    return sendBytes(connectionTo(`http://127.0.0.1:${port}`, bounds), session, input);
  };

  it('is waited for after data', async () => {
    await using at = await slowly(900);
    const bounds = { stallTimeoutMs: 200, dataAnswerTimeoutMs: 5000 };
    expect(await sending(at.port, bounds)).toEqual({ state: 'active' });
  });

  it('is waited for as long as the option says', async () => {
    await using at = await slowly(60_000);
    await expect(sending(at.port, { stallTimeoutMs: 200, dataAnswerTimeoutMs: 500 })).rejects.toMatchObject({
      kind: 'connection',
      message: expect.stringMatching(/no answer began in 501 ms/) as unknown,
    });
  });

  it('is not waited for after a small request', async () => {
    await using at = await slowly(60_000);
    const bounds = { stallTimeoutMs: 200, dataAnswerTimeoutMs: 60_000 };
    await expect(getFile(connectionTo(`http://127.0.0.1:${at.port}`, bounds), NAME)).rejects.toMatchObject({
      kind: 'connection',
      message: expect.stringMatching(/no answer began in 200 ms/) as unknown,
    });
  });
});
