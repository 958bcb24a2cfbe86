/** An operator completes an activity by hand, with any JSON: the run ends with a typed failure or with its own file, and does not block. */

import { expect, it } from 'vitest';
import { GeminiFilesClient, type UploadSettings } from '../../src/client/index.js';
import type { CheckResult, DeleteInput, UploadResult } from '../../src/contract/activities.js';
import { FILE_SETTLE_MS, type GeminiFile } from '../../src/contract/file.js';
import { ended, QUICK } from '../support/scenario.js';
import { stubFile, stubWorker } from '../support/stub-worker.js';
import { useSharedDevServer } from '../support/temporal.js';

const env = await useSharedDevServer();

const OTHER = 'files/other';
const values: unknown[] = [null, undefined, 5, 'text', [], {}, { state: 'ACTIVE' }];
const settings: UploadSettings = { ...QUICK, timeout: '500ms' };

type Stubs = Parameters<typeof stubWorker>[1];

/** One run for each value, all at once. `activities` are given the value of the file. */
async function runs<T>(all: readonly T[], activities: (valueOf: (name: string) => T) => Stubs) {
  const names = new Map<string, number>();
  const valueOf = (name: string) => all[names.get(name) ?? -1] as T;
  const stubs = { geminiFilesUpload: fileOf, ...activities(valueOf) };
  const { worker, taskQueue } = await stubWorker(env, {
    ...stubs,
    geminiFilesUpload: (input) => {
      names.set(input.name, Number(input.path));
      return stubs.geminiFilesUpload(input);
    },
  });
  const client = new GeminiFilesClient(env.client, { taskQueue });
  // The server ends a run that is blocked.
  const start = { workflowExecutionTimeout: '30s' } as const;
  return worker.runUntil(() =>
    Promise.all(
      all.map(async (value, index) => ({
        value,
        ...(await ended(env, await client.start(String(index), settings, start))),
      })),
    ),
  );
}

const fileOf = ({ name }: { name: string }) => Promise.resolve<GeminiFile>(stubFile(name));

it('a result of the upload that is not its file fails the run, and the file is deleted', async () => {
  const deletes: DeleteInput[] = [];
  const results = [...values, stubFile(OTHER, { state: 'ACTIVE' })];
  const all = await runs(results, (valueOf) => ({
    geminiFilesUpload: ({ name }) => Promise.resolve(valueOf(name) as UploadResult),
    geminiFilesDelete: (input) => (deletes.push(input), Promise.resolve()),
  }));
  for (const { value, error } of all) {
    expect(error, String(value)).toMatchObject({ name: 'UploadFailedError', cleanup: 'deleted' });
    expect((error as Error).message).toMatch(/^The result of geminiFilesUpload is not the file files\//);
    const { id } = error as { id: string };
    // Its attempt may still be running.
    expect(deletes).toContainEqual({ name: id, settleMs: FILE_SETTLE_MS, mayReappear: true });
  }
  expect(deletes).toHaveLength(results.length);
});

it('a result of a check that is not an answer about the file proves nothing', async () => {
  const answers = [
    ...values,
    { found: true },
    { found: true, file: null },
    { found: true, file: 5 },
    { found: true, file: { state: 'ACTIVE' } },
    { found: true, file: stubFile(OTHER, { state: 'ACTIVE' }) },
  ];
  const all = await runs(answers, (valueOf) => ({
    geminiFilesCheck: ({ name }) => Promise.resolve(valueOf(name) as CheckResult),
  }));
  for (const { value, error } of all) {
    expect(error, JSON.stringify(value)).toMatchObject({
      name: 'UploadInactiveError',
      polls: 0,
      cleanup: 'deleted',
    });
    expect((error as Error).message).toContain('the last check got no answer');
  }
});

it('a state that is not known counts as PROCESSING', async () => {
  const file = (name: string) => stubFile(name, { state: 'STUCK' as 'ACTIVE' });
  const [one] = await runs([0], () => ({
    geminiFilesUpload: ({ name }) => Promise.resolve(file(name)),
    geminiFilesCheck: ({ name }) => Promise.resolve({ found: true, file: file(name) }),
  }));
  expect(one?.error).toMatchObject({ name: 'UploadInactiveError', state: 'PROCESSING' });
});
