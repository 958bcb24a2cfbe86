/** What `hold` says of a run while it waits for the file. */

import { defaultDataConverter, defaultPayloadConverter } from '@temporalio/common';
import type { WorkflowHandle } from '@temporalio/client';
import { expect, it } from 'vitest';
import { watchPending } from '../../src/cli/upload/watch-pending.js';
import type { CommandContext } from '../../src/cli/command-context.js';

const heartbeat = { bytesSent: 4, sizeBytes: 8 };
const uploading = {
  activityType: { name: 'geminiFilesUpload' },
  state: 2,
  heartbeatDetails: { payloads: [defaultPayloadConverter.toPayload(heartbeat)] },
};

/** Watches a run that uploads at the first look, and no more at the second. @returns the lines, once a third look has come */
async function linesOf(phase: string): Promise<string[]> {
  const lines: string[] = [];
  const { promise: seenOften, resolve } = deferred();
  let looks = 0;
  const client = { connection: { withDeadline: (_: number, call: () => unknown) => call() } };
  const workflow = {
    client: {
      options: {
        loadedDataConverter: {
          ...defaultDataConverter,
          payloadConverter: defaultPayloadConverter,
          payloadCodecs: [],
        },
      },
    },
    describe: () => {
      looks += 1;
      if (looks === 3) resolve();
      return Promise.resolve({ raw: { pendingActivities: looks === 1 ? [uploading] : [] } });
    },
    query: () => Promise.resolve({ phase }),
  };
  const output = { json: true, say: (line: string) => void lines.push(line), result: () => undefined };
  const stop = watchPending(
    workflow as unknown as WorkflowHandle,
    { client, output, temporal: {} } as unknown as CommandContext,
  );
  await seenOften;
  await stop();
  return lines;
}

function deferred(): { promise: Promise<void>; resolve: () => void } {
  let resolve = (): void => undefined;
  const promise = new Promise<void>((done) => (resolve = done));
  return { promise, resolve };
}

it.concurrent('says that the file is uploaded when the provider processes it', async () => {
  expect(await linesOf('processing')).toEqual([
    'uploading: 4 B of 8 B',
    expect.stringMatching(/^uploaded: 8 B in /),
    'The file is uploaded; waiting until it is ACTIVE',
  ]);
});

it.concurrent('says nothing of an upload that has failed, or that waits for storage', async () => {
  expect(await linesOf('uploading')).toEqual(['uploading: 4 B of 8 B']);
});
