/** A server that echoes the key and the session, also in successes. */

import type { IncomingMessage, ServerResponse } from 'node:http';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { InvalidOptionsError } from '../../src/contract/errors.js';
import {
  deleteFile,
  getFile,
  listFiles,
  queryUpload,
  startUpload,
  type GeminiConnection,
} from '../../src/gemini/index.js';
import { httpServer } from '../support/raw-server.js';

const KEY = 'gateway-key-0123456789';
const NAME = 'files/abc';
const echoing = {
  name: NAME,
  state: 'FAILED',
  uri: `https://host.test/v1beta/${NAME}?key=${KEY}`,
  mimeType: `video/${KEY}`,
  displayName: KEY,
  createTime: KEY,
  updateTime: `at ${KEY}`,
  expirationTime: KEY,
  error: { code: 3, message: `no, not with ${KEY}` },
};
const hidden = {
  uri: `https://host.test/v1beta/${NAME}?key=[key]`,
  mimeType: 'video/[key]',
  displayName: '[key]',
  createTime: '[key]',
  updateTime: 'at [key]',
  expirationTime: '[key]',
  error: { code: 3, message: 'no, not with [key]' },
};

async function serving<T>(
  answer: (request: IncomingMessage, response: ServerResponse) => void,
  work: (connection: GeminiConnection, urls: string[]) => Promise<T>,
): Promise<T> {
  const urls: string[] = [];
  await using server = await httpServer((request, response) => {
    urls.push(request.url ?? '');
    request.resume().once('end', () => answer(request, response));
  });
  return await work({ baseUrl: new URL(server.url), apiKey: KEY }, urls);
}

const json = (response: ServerResponse, value: unknown, headers = {}) =>
  response.writeHead(200, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(value));

afterEach(() => vi.unstubAllEnvs());

describe('the key in a success', () => {
  it('is hidden in a file', () =>
    serving(
      (_, response) => json(response, echoing),
      async (connection) => expect(await getFile(connection, NAME)).toMatchObject(hidden),
    ));

  it('is hidden in a list', () =>
    serving(
      (_, response) => json(response, { files: [echoing] }),
      async (connection) => expect((await listFiles(connection)).files).toMatchObject([hidden]),
    ));

  it('is hidden in what an ended upload answers', () =>
    serving(
      (_, response) => json(response, { file: echoing }, { 'x-goog-upload-status': 'final' }),
      async (connection) => {
        const session = {
          url: `${connection.baseUrl.origin}/upload/v1beta/files?upload_id=x`,
          granularity: 1,
        };
        expect(await queryUpload(connection, session)).toMatchObject({ state: 'final', file: hidden });
      },
    ));
});

it('a session in the path of the upload URL is in no message', () =>
  serving(
    (request, response) => {
      const start = request.headers['x-goog-upload-command'] === 'start';
      if (start) response.setHeader('x-goog-upload-url', '/upload/sessions/SECRET-SESSION-0123');
      response
        .writeHead(start ? 200 : 503)
        .end(start ? '' : 'try /upload/sessions/SECRET-SESSION-0123 later');
    },
    async (connection) => {
      const file = { name: NAME, displayName: 'a', mimeType: 'video/mp4', sizeBytes: 1 };
      const session = await startUpload(connection, file);
      await expect(queryUpload(connection, session)).rejects.toThrow(
        `query: ${connection.baseUrl.origin} answered 503: try [session] later`,
      );
    },
  ));

it('a session of another origin is refused, and does not get the key', () =>
  serving(
    (_, response) => response.end(),
    async (connection, urls) => {
      const elsewhere = { ...connection, baseUrl: new URL('https://host.test') };
      const session = { url: `${connection.baseUrl.origin}/upload?upload_id=SECRET`, granularity: 1 };
      await expect(queryUpload(elsewhere, session)).rejects.toThrow(
        new InvalidOptionsError(
          `Invalid option session: expected an upload URL of https://host.test, got one of ${connection.baseUrl.origin}`,
        ),
      );
      expect(urls).toEqual([]);
    },
  ));

it('plain http to another machine is refused before anything is sent there', async () => {
  // An address for documentation, at which no server answers: waiting for an answer would exceed the test's timeout.
  const connection = { baseUrl: new URL('http://192.0.2.2'), apiKey: KEY };
  const file = { name: NAME, displayName: 'a', mimeType: 'video/mp4', sizeBytes: 1 };
  for (const call of [
    () => getFile(connection, NAME),
    () => deleteFile(connection, NAME),
    () => listFiles(connection),
    () => startUpload(connection, file),
    () => queryUpload(connection, { url: 'http://192.0.2.2/upload?upload_id=x', granularity: 1 }),
  ])
    await expect(call()).rejects.toThrow(
      /^Invalid option baseUrl: expected https .* got http:\/\/192\.0\.2\.2$/,
    );
});

it.each([
  ['get', getFile],
  ['delete', deleteFile],
  [
    'start',
    (connection: GeminiConnection, name: string) =>
      startUpload(connection, { name, displayName: 'a', mimeType: 'video/mp4', sizeBytes: 1 }),
  ],
])('a %s of a name that leads elsewhere is refused, and nothing is sent', (_, call) =>
  serving(
    (_request, response) => json(response, {}),
    async (connection, urls) => {
      const work = call(connection, 'files/a/../../../v1/tunedModels/x');
      await expect(work).rejects.toThrow(/^Invalid option name: expected files\//);
      expect(urls).toEqual([]);
    },
  ),
);

it('the SDK does not say that it uses a key of the environment, nor does it see one', () =>
  serving(
    (_, response) => json(response, echoing),
    async (connection) => {
      vi.stubEnv('GEMINI_API_KEY', 'one-of-the-environment');
      vi.stubEnv('GOOGLE_API_KEY', 'another-of-the-environment');
      const warn = vi.spyOn(console, 'warn');
      await getFile(connection, NAME);
      expect(warn).not.toHaveBeenCalled();
      warn.mockRestore();
      expect(process.env.GEMINI_API_KEY).toBe('one-of-the-environment');
      expect(process.env.GOOGLE_API_KEY).toBe('another-of-the-environment');
    },
  ));
