/** Workers with Temporal's worker versioning, with each default behaviour, and without one. */

import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { useTestFolder } from '../support/files.js';
import { QUICK, scenario, uploadedName } from '../support/scenario.js';
import { useSharedDevServer } from '../support/temporal.js';

const env = await useSharedDevServer();
const folder = await useTestFolder();
const video = await folder.file('clip.mp4', 1000);

/** The build becomes current once the server knows it, which it does when its worker has polled. */
async function makeCurrent(deploymentName: string, buildId: string): Promise<void> {
  const set = () =>
    env.client.workflowService.setWorkerDeploymentCurrentVersion({
      namespace: env.namespace ?? 'default',
      deploymentName,
      buildId,
      identity: 'test',
    });
  await expect
    .poll(
      () =>
        set().then(
          () => true,
          () => false,
        ),
      { timeout: 20_000, interval: 200 },
    )
    .toBe(true);
}

const versioned = (deploymentName: string, defaultVersioningBehavior?: 'PINNED' | 'AUTO_UPGRADE') => ({
  workerDeploymentOptions: {
    useWorkerVersioning: true,
    version: { deploymentName, buildId: 'one' },
    ...(defaultVersioningBehavior && { defaultVersioningBehavior }),
  } as never,
});

describe.each(['PINNED', 'AUTO_UPGRADE'] as const)('%s', (behaviour) => {
  it('a run ends on its build', async () => {
    const deployment = `files-${randomUUID()}`;
    await using at = await scenario(env, folder, {}, versioned(deployment, behaviour));
    await at.run(async () => {
      await makeCurrent(deployment, 'one');
      const handle = await at.client.start(video.path, QUICK);
      at.emulator.activate(await uploadedName(at.emulator));
      expect(await handle.result()).toMatchObject({ state: 'ACTIVE' });
      const { raw } = await handle.workflow.describe();
      expect(raw.workflowExecutionInfo?.versioningInfo?.deploymentVersion).toMatchObject({ buildId: 'one' });
    });
  });
});

it('without a default behaviour, the worker does not start, in words', async () => {
  const at = scenario(env, folder, {}, versioned(`files-${randomUUID()}`));
  await expect(at).rejects.toThrow(/versioning.?behavior/i);
});
