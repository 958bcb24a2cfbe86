/** A base URL that leads to something else than the Gemini API. */

import type { RequestListener } from 'node:http';
import { describe, expect, it } from 'vitest';
import { deleteFile, getFile, listFiles, startUpload, type GeminiApiError } from '../../src/gemini/index.js';
import { isOfOtherServer, otherServerAdvice } from '../../src/gemini/other-server.js';
import { connectionTo, KEY, NAME } from '../support/connection.js';
import { httpServer } from '../support/raw-server.js';

const start = { name: NAME, displayName: 'x', mimeType: 'text/plain', sizeBytes: 5 };

/** The failures of all requests whose address comes from the base URL. */
async function failuresAt(baseUrl: string): Promise<GeminiApiError[]> {
  const connection = connectionTo(baseUrl);
  const calls = [
    startUpload(connection, start),
    listFiles(connection),
    getFile(connection, NAME),
    deleteFile(connection, NAME),
  ];
  return Promise.all(
    calls.map((call) =>
      call.then(
        () => expect.fail('no failure'),
        (error: GeminiApiError) => error,
      ),
    ),
  );
}

describe('an answer that is not of the Gemini API', () => {
  it.each<[string, RequestListener]>([
    ['404 as a page', (_, response) => response.writeHead(404).end('<html>no such page</html>')],
    ['405 as a page', (_, response) => response.writeHead(405, { 'content-type': 'text/html' }).end('no')],
    ['404, empty', (_, response) => response.writeHead(404).end()],
    [
      '404 in the JSON of another API',
      (_, response) => response.writeHead(404).end('{"detail":"Not Found"}'),
    ],
    ['a redirect', (_, response) => response.writeHead(307, { location: 'https://elsewhere.test/' }).end()],
    ['a page for everything', (_, response) => response.writeHead(200).end('<html>welcome</html>')],
  ])('names the base URL to check: %s', async (_, listener) => {
    await using server = await httpServer(listener);
    for (const { message, operation } of await failuresAt(`${server.url}/wrong/path/`)) {
      expect(message).toMatch(new RegExp(`^${operation}: ${server.url}/wrong/path/\\S+ answered `));
      expect(message).toMatch(
        /\. That is not an answer of the Gemini API: check the base URL \S+ \(baseUrl, GOOGLE_GEMINI_BASE_URL\)$/,
      );
      expect(message).toContain(`check the base URL ${server.url}/wrong/path (`);
      expect(message).not.toContain(KEY);
    }
  });

  // Something on the way may answer so for some time (provider fact F-NETWORK-INTERMEDIARY): a login, or a page while a server restarts.
  it.each([302, 404, 405])('is asked for again if it is a page or a redirect: %i', async (status) => {
    await using server = await httpServer((_, response) =>
      response.writeHead(status, { 'content-type': 'text/html', location: '/login' }).end('<html></html>'),
    );
    for (const failure of await failuresAt(server.url))
      expect(failure).toMatchObject({ kind: 'unavailable', retryable: true });
  });

  it.each<[string, RequestListener]>([
    ['503', (_, response) => response.writeHead(503).end()],
    ['429', (_, response) => response.writeHead(429).end()],
    ['413 of a gateway', (_, response) => response.writeHead(413).end('<html>too large</html>')],
    ['401 in the JSON of a gateway', (_, response) => response.writeHead(401).end('{"detail":"no key"}')],
    // The provider's front end for uploads answers without JSON, too (provider fact F-UPLOAD-TEXT).
    ['400 as text', (_, response) => response.writeHead(400).end('Invalid mime type.')],
    ['403 as text', (_, response) => response.writeHead(403).end('User location is not supported')],
    [
      'a verdict in Google’s JSON',
      (_, response) => response.writeHead(400).end('{"error":{"code":400,"status":"INVALID_ARGUMENT"}}'),
    ],
  ])('is not what any server may answer: %s', async (_, listener) => {
    await using server = await httpServer(listener);
    for (const { message } of await failuresAt(server.url)) expect(message).not.toContain('base URL');
  });
});

it('the requests of a session say nothing of the base URL, which led to the provider before', () => {
  for (const operation of ['upload', 'query', 'cancel'] as const)
    expect(isOfOtherServer({ operation, status: 404, ofProvider: false })).toBe(false);
});

it('the advice has no password and no query, and speaks of the way there if the base URL is Google’s', () => {
  const advice = otherServerAdvice(new URL('https://user:secret@host.test/v/?key=secret#secret'));
  expect(advice).toContain('check the base URL https://host.test/v (');
  expect(advice).not.toContain('secret');
  expect(otherServerAdvice(new URL('https://generativelanguage.googleapis.com/'))).toMatch(
    /check the proxy or the gateway before https:\/\/generativelanguage\.googleapis\.com$/,
  );
});
