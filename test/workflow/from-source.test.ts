/** Whatever takes a `path` takes a `source`: each function hands it on to the activities that read the file. */

import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { fromWorkflowFailure } from '../../src/client/failures.js';
import type { ActiveFile } from '../../src/contract/file.js';
import { useTestFolder } from '../support/files.js';
import { replayed, scheduled } from '../support/replay.js';
import { scenario, type Scenario } from '../support/scenario.js';
import { useSharedDevServer } from '../support/temporal.js';
import { bundleFixture } from '../support/user-worker.js';

const env = await useSharedDevServer();
const folder = await useTestFolder();
const workflowBundle = await bundleFixture('from-source.ts');

const content = randomBytes(5000);
const sha256 = createHash('sha256').update(content).digest('hex');
/** Has every key but `none.mp4`, under which it returns no file. */
const store = (key: string) => {
  if (key === 'none.mp4') return undefined as never;
  return {
    sizeBytes: content.length,
    version: '1',
    async *read(start: number, end: number) {
      await Promise.resolve();
      yield content.subarray(start, end);
    },
  };
};

let at: Scenario;
let running: Promise<void>;
beforeAll(async () => {
  const options = { workflowBundle, sources: { store } };
  at = await scenario(env, folder, { outcome: 'ACTIVE', processing: 0 }, options);
  running = at.worker.run();
});
afterAll(async () => {
  at.worker.shutdown();
  await running;
  await at[Symbol.asyncDispose]();
});

async function run(
  type: string,
  ...args: unknown[]
): Promise<{ value?: unknown; error?: unknown; activities: string[] }> {
  const workflowId = randomUUID();
  const { taskQueue } = at;
  const outcome = await env.client.workflow.execute(type, { taskQueue, workflowId, args }).then(
    (value: unknown) => ({ value }),
    (error: unknown) => ({ error: fromWorkflowFailure(error) }),
  );
  const events = await replayed(env.client, workflowId, undefined, { workflowBundle });
  return { ...outcome, activities: scheduled(events) };
}

describe.concurrent('a source', () => {
  it('is identified', async ({ expect }) => {
    expect(await run('identifyFile', { source: 'store:talks/a.mp4' })).toEqual({
      value: { sha256, sizeBytes: content.length, mimeType: 'video/mp4' },
      activities: ['geminiFilesIdentify'],
    });
  });

  it('is uploaded for its URI', async ({ expect }) => {
    const { value } = await run('preuploadAndWaitActive', { source: 'store:uri.mp4' });
    const files = [...at.emulator.files.values()];
    expect(files.find(({ uri }) => uri === value)).toMatchObject({ displayName: 'uri.mp4' });
  });

  it('is uploaded for a block', async ({ expect }) => {
    const { value, activities } = await run('block', { source: 'store:block.mp4' }, 'return');
    expect(value).toMatch(/^files\//);
    expect(activities).toEqual(['geminiFilesUpload', 'geminiFilesDelete']);
  });

  it('is examined and uploaded in a batch', async ({ expect }) => {
    const { value, activities } = await run('all', [{ source: 'store:b.mp4' }, { source: 'store:c.mp4' }]);
    expect(value).toMatchObject([
      { displayName: 'b.mp4', sha256 },
      { displayName: 'c.mp4', sha256 },
    ] satisfies Partial<ActiveFile>[]);
    expect(activities).toEqual(['geminiFilesExamine', 'geminiFilesUpload', 'geminiFilesUpload']);
  });

  it('that has no file ends a batch before anything is sent', async ({ expect }) => {
    const { error, activities } = await run('all', [{ source: 'store:d.mp4' }, { source: 'store:none.mp4' }]);
    expect(error).toMatchObject({
      name: 'SourceError',
      message: expect.stringContaining('store returned no object') as string,
    });
    expect(activities).toEqual(['geminiFilesExamine']);
  });

  it('of the same bytes under two keys is held once', async ({ expect }) => {
    const ids = ['e.mp4', 'f.mp4'].map(async (key) => {
      const input = { source: `store:${key}`, for: '1h', linger: '1h', reuse: 'content' };
      const { value } = await run('heldBlock', input);
      return value as string[];
    });
    const [first, ...others] = (await Promise.all(ids)).flat();
    expect(first).toMatch(/^files\//);
    expect(new Set(others)).toEqual(new Set([first]));
    expect(
      [...at.emulator.files.values()].filter(({ displayName }) =>
        ['e.mp4', 'f.mp4'].includes(displayName ?? ''),
      ),
    ).toHaveLength(1);
    const api = createHash('sha256').update(new URL(at.emulator.url).href).digest('hex').slice(0, 16);
    const holdId = `gemini-files-content:${sha256}:${api}:video/mp4:`;
    await env.client.workflow.getHandle(holdId).terminate();
  });
});
