/** The activity `geminiFilesIdentify`: what a file is, by the same checks as an upload, with nothing sent. */

import { createHash } from 'node:crypto';
import { open, symlink, truncate, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { CancelledFailure } from '@temporalio/common';
import { expect, it } from 'vitest';
import { failureOf, runActivity, type ActivitySetting } from '../support/activity.js';
import { connectionTo } from '../support/connection.js';
import { useTestFolder } from '../support/files.js';

const MiB = 1024 * 1024;
const folder = await useTestFolder();
const clip = await folder.file('clip.mp4', 5 * MiB + 7);
// Nothing listens there: a request would fail.
const URL_OF_API = 'http://127.0.0.1:1/';

const identify = (input: object, setting: ActivitySetting = {}) =>
  runActivity('geminiFilesIdentify', input as { path: string }, {
    connection: connectionTo(URL_OF_API),
    roots: [folder.path],
    ...setting,
  });

it('returns hash, size and type of the file, and which API it would go to', async () => {
  expect(await identify({ path: 'clip.mp4' }).result).toEqual({
    sha256: clip.sha256,
    sizeBytes: clip.sizeBytes,
    mimeType: 'video/mp4',
    baseUrlSha256: createHash('sha256').update(URL_OF_API).digest('hex'),
  });
});

it('returns the type that was given', async () => {
  const { mimeType } = await identify({ path: 'clip.mp4', mimeType: 'video/webm' }).result;
  expect(mimeType).toBe('video/webm');
});

it('looks up the base URL of the given credentials profile', async () => {
  const profiles: (string | undefined)[] = [];
  const connect = (profile?: string) => {
    profiles.push(profile);
    return Promise.resolve(connectionTo('https://other.example/'));
  };
  const deps = { connect, allowedRoots: [folder.path] };
  const { baseUrlSha256 } = await identify({ path: 'clip.mp4', credentials: 'other' }, { deps }).result;
  expect(profiles).toEqual(['other']);
  expect(baseUrlSha256).toBe(createHash('sha256').update('https://other.example/').digest('hex'));
});

it('ignores fields that it does not know', async () => {
  await expect(identify({ path: 'clip.mp4', later: 1 }).result).resolves.toMatchObject({
    sha256: clip.sha256,
  });
});

it.each([
  ['no-such-file.mp4', 'FileNotFoundError'],
  ['.', 'NotAFileError'],
  ['empty.mp4', 'EmptyFileError'],
  ['large.mp4', 'FileTooLargeError'],
  ['/etc/passwd', 'PathNotAllowedError'],
  ['link.mp4', 'PathNotAllowedError'],
])('checks %s as an upload does', async (path, type) => {
  await (await open(join(folder.path, 'empty.mp4'), 'w')).close();
  await (await open(join(folder.path, 'large.mp4'), 'w')).close();
  await truncate(join(folder.path, 'large.mp4'), 2 * 1024 * MiB + 1);
  await symlink('/etc/passwd', join(folder.path, 'link.mp4')).catch(() => undefined);
  expect(await failureOf(identify({ path }).result)).toMatchObject({ type, retryable: false });
});

/** A file without a block on the disk, and the run once it has read some of it. */
async function readingLongFile() {
  const path = join(folder.path, 'long.mp4');
  const sizeBytes = 256 * MiB;
  await (await open(path, 'w')).close();
  await truncate(path, sizeBytes);
  const run = identify({ path: 'long.mp4' }, { info: { heartbeatTimeoutMs: 100 } });
  const beat: unknown = await run.heartbeat((one) => (one as unknown as Progress).bytesRead > 0);
  return { path, sizeBytes, run, beat: beat as Progress };
}

interface Progress {
  readonly bytesRead: number;
  readonly sizeBytes: number;
}

it('sends heartbeats with its progress, and ends when it is cancelled', async () => {
  const { run, beat, sizeBytes } = await readingLongFile();
  run.cancel();
  await expect(run.result).rejects.toBeInstanceOf(CancelledFailure);
  expect(beat.sizeBytes).toBe(sizeBytes);
  expect(beat.bytesRead).toBeLessThan(sizeBytes);
});

it('fails if the file changes while it is read', async () => {
  const { run, path } = await readingLongFile();
  await utimes(path, 0, 0);
  expect(await failureOf(run.result)).toMatchObject({ type: 'FileChangedError', retryable: false });
});

it('needs no more memory for a large file', async () => {
  const before = process.memoryUsage().rss;
  const { run, sizeBytes } = await readingLongFile();
  await run.result;
  expect(process.memoryUsage().rss - before).toBeLessThan(sizeBytes / 4);
});
