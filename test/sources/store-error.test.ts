/** What doctor makes of a store's error: its code tells wrong settings from a key that does not exist. */

import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { checkSources } from '../../src/cli/doctor/sources.js';
import type { Settings } from '../../src/worker/internal.js';
import { answer, SourceServer } from '../support/source-server.js';
import { sourcesFor } from '../support/sources.js';

let server: SourceServer;
beforeAll(async () => void (server = await SourceServer.start()));
afterAll(() => server[Symbol.asyncDispose]());
beforeEach(() => server.reset());

it.each([
  [403, 'SignatureDoesNotMatch', false],
  [403, 'InvalidAccessKeyId', false],
  [404, 'NoSuchBucket', false],
  [400, 'ExpiredToken', false],
  [403, 'AccessDenied', true],
  [404, 'NoSuchKey', true],
])('%i %s', async (status, code, ok) => {
  const text = `<?xml version="1.0"?><Error><Code>${code}</Code><AWSAccessKeyId>AKID</AWSAccessKeyId></Error>`;
  server.acts.push(answer(status, { 'content-length': String(text.length) }, text));
  const archive = {
    type: 's3',
    bucket: 'archive',
    region: 'auto',
    endpoint: server.origin,
    credentials: { accessKeyId: 'AKID', secretAccessKey: 'S3CRET' },
  };
  // The answer is for the bucket: no origin of URLs is asked.
  const sources = { ...sourcesFor(server, { archive }), https: undefined };
  const settings = { allowedRoots: [], sources } as unknown as Settings;
  const checks = await checkSources(settings, { offline: false, files: [] });
  expect(checks.find(({ name }) => name === 'source archive')).toMatchObject({
    ok,
    detail: expect.stringContaining(code) as string,
  });
  expect(JSON.stringify(checks)).not.toMatch(/AKID|S3CRET/);
});
