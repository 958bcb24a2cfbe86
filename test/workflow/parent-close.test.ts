/** What becomes of the file of a child whose parent ends first, by Temporal's parent close policy. */

import { randomUUID } from 'node:crypto';
import type { WorkflowHandle } from '@temporalio/client';
import { describe, expect, it } from 'vitest';
import { useTestFolder } from '../support/files.js';
import { scenario } from '../support/scenario.js';
import { useSharedDevServer } from '../support/temporal.js';
import { bundleFixture } from '../support/user-worker.js';
import { end, type endsEarly } from './fixtures/parents.js';

const env = await useSharedDevServer();
const folder = await useTestFolder();
await folder.file('clip.mp4', 1000);
const workflowBundle = await bundleFixture('parents.ts');

/** Each way in which a parent can end before its child. A parent that times out is ended by the server alone. */
const ENDS: Record<string, (parent: WorkflowHandle<typeof endsEarly>) => Promise<unknown>> = {
  returns: (parent) => parent.signal(end, 'return'),
  fails: (parent) => parent.signal(end, 'failure'),
  'continues as new': (parent) => parent.signal(end, 'continue-as-new'),
  'is terminated': (parent) => parent.terminate(),
  'times out': () => Promise.resolve(),
};

interface Outcome {
  /** Status of the child's run. */
  readonly child: string;
  readonly files: number;
}

async function outcomeAfter(way: string, parentClosePolicy?: 'REQUEST_CANCEL'): Promise<Outcome> {
  await using at = await scenario(env, folder, {}, { workflowBundle });
  const { emulator, taskQueue } = at;
  return await at.run(async () => {
    const workflowId = randomUUID();
    const parent = await env.client.workflow.start<typeof endsEarly>('endsEarly', {
      taskQueue,
      workflowId,
      args: [
        { path: 'clip.mp4', pollInterval: '1h', maxPollInterval: '1h', timeout: '2h' },
        parentClosePolicy,
      ],
      ...(way === 'times out' && { workflowRunTimeout: '5s' }),
    });
    await emulator.waitFor(() => emulator.files.size === 1);
    await ENDS[way]?.(parent);
    const child = env.client.workflow.getHandle(`${workflowId}/child`);
    await child.result().catch(() => undefined);
    return { child: (await child.describe()).status.name, files: emulator.files.size };
  });
}

describe.concurrent.each(Object.keys(ENDS))('a parent that %s', (way) => {
  it("terminates its child by Temporal's default, and the file stays", async () => {
    expect(await outcomeAfter(way)).toEqual({ child: 'TERMINATED', files: 1 });
  });

  it('cancels its child with REQUEST_CANCEL, and the child deletes the file', async () => {
    expect(await outcomeAfter(way, 'REQUEST_CANCEL')).toEqual({ child: 'CANCELLED', files: 0 });
  });
});
