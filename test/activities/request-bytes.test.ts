/** An attempt tells the next one, by Temporal, to begin with a shorter request. */

import type { Client } from '@temporalio/client';
import { expect, it } from 'vitest';
import type { UploadHeartbeat } from '../../src/contract/activities.js';
import { GeminiFilesEmulator } from '../../src/testing/index.js';
import { runActivity } from '../support/activity.js';
import { connectionTo, NAME } from '../support/connection.js';
import { testFolder } from '../support/files.js';
import { hastyGateway } from '../support/hasty-gateway.js';
import { MiB } from '../support/upload.js';

it('an attempt whose request was given up for its time hands over half of its length', async () => {
  await using folder = await testFolder();
  const { sha256 } = await folder.file('clip.mp4', 2 * MiB);
  await using emulator = await GeminiFilesEmulator.start({ granularity: MiB / 2 });
  await using gateway = await hastyGateway(emulator, { maxBytes: MiB, afterMs: 2100, end: 504 });
  /** What Temporal has stored. */
  const stored: UploadHeartbeat[] = [];
  const client = {
    withAbortSignal: (_: AbortSignal, work: () => Promise<unknown>) => work(),
    withDeadline: (_: number, work: () => Promise<void>) => work(),
    activity: {
      heartbeat: (_: Uint8Array, beat: UploadHeartbeat) => Promise.resolve(void stored.push(beat)),
    },
  } as unknown as Client;
  const attempt = (info: object) =>
    runActivity(
      'geminiFilesUpload',
      { name: NAME, path: 'clip.mp4' },
      { connection: connectionTo(gateway.url), roots: [folder.path], client, info },
    );
  const one = attempt({ attempt: 1 });
  await expect(one.result).rejects.toThrow(/answered 504/);
  const heartbeatDetails = stored.at(-1);
  expect(heartbeatDetails).toMatchObject({ requestBytes: MiB });
  const two = attempt({ attempt: 2, heartbeatDetails });
  expect(await two.result).toMatchObject({ sha256 });
  expect(gateway.lengths.map((bytes) => bytes / MiB)).toEqual([2, 1, 1]);
});
