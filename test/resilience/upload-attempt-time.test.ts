/** A `startToCloseTimeout` that is shorter than the transfer: the attempts take turns in one session. */

import { expect, it } from 'vitest';
import type { UploadOptions } from '../../src/client/index.js';
import { useTestFolder } from '../support/files.js';
import { ended, scenario } from '../support/scenario.js';
import { useDevServer } from '../support/temporal.js';

const env = await useDevServer();
const folder = await useTestFolder();
const MIB = 1024 * 1024;
const film = await folder.file('film.mp4', 40 * MIB);

it('an attempt has stopped before Temporal starts the next one', async () => {
  await using at = await scenario(
    env,
    folder,
    { outcome: 'ACTIVE', processing: 0 },
    { limits: { maxUploadBytesPerSecond: 6 * MIB } },
  );
  let together = 0;
  const watched = at.emulator
    .waitFor((requests) => {
      const open = requests.filter(({ outcome }) => outcome === 'open').length;
      together = Math.max(together, open);
      return requests.some(({ operation, status }) => operation === 'upload' && status === 200);
    })
    .catch(() => undefined);
  // The next attempt begins at once.
  const upload = { startToCloseTimeout: '4s', retry: { initialInterval: '1ms', maximumInterval: '1ms' } };
  const args: [UploadOptions, object] = [{ path: film.path }, { activityOptions: { upload } }];
  const { taskQueue } = at;
  const { result } = await at.run(async () => {
    const { workflowId } = await env.client.workflow.start('uploadAndWaitActive', {
      taskQueue,
      workflowId: taskQueue,
      args,
    });
    return ended(env, at.client.attach(workflowId));
  });
  expect(result).toMatchObject({ state: 'ACTIVE', sha256: film.sha256 });
  await watched;
  expect(together).toBe(1);
  const { requests } = at.emulator;
  expect(requests.filter(({ operation }) => operation === 'start')).toHaveLength(1);
  expect(requests.filter(({ operation }) => operation === 'query').length).toBeGreaterThanOrEqual(1);
});
