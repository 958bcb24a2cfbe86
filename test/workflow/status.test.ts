/** The visible state of a run: the query in each phase, the signal, the Web UI's details, and summaries in its history. */

import { describe, expect, it } from 'vitest';
import type { UploadHandle } from '../../src/client/index.js';
import { ACTIVITY } from '../../src/contract/names.js';
import { afterActivities, beforeActivities } from '../support/activity-gates.js';
import { useTestFolder } from '../support/files.js';
import { gate } from '../support/gate.js';
import { summaries, timers } from '../support/replay.js';
import { asleep, details, ended, MODES, scenario, uploadedName } from '../support/scenario.js';
import { useSharedDevServer } from '../support/temporal.js';

const env = await useSharedDevServer();
const folder = await useTestFolder();
const video = await folder.file('clip.mp4', 10_000);

const LONG = { pollInterval: '1h', maxPollInterval: '1h', jitter: 0, timeout: '90m' } as const;

interface Definition {
  readonly name: string;
  readonly description?: string;
}

interface Metadata {
  readonly currentDetails: string;
  readonly definition: {
    readonly queryDefinitions: readonly Definition[];
    readonly signalDefinitions: readonly Definition[];
  };
}

const metadata = (handle: UploadHandle) => handle.workflow.query<Metadata>('__temporal_workflow_metadata');

const readable = (iso: string | null) => `${iso?.slice(0, 10)} ${iso?.slice(11, 19)} UTC`;

describe.each(MODES)('%s', (_, mode) => {
  it('answers uploadStatus in each phase, and once it is closed', async () => {
    const [upload, remove] = [gate(), gate()];
    const gates = beforeActivities({ [ACTIVITY.upload]: upload.pass, [ACTIVITY.delete]: remove.pass });
    await using at = await scenario(env, folder, {}, { ...mode, ...gates });
    await at.run(async () => {
      const handle = await at.client.start(video.path, LONG);
      await upload.reached;
      const uploading = await handle.status();
      const { id } = uploading;
      expect(id).toMatch(/^files\/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
      const none = { nextCheckAt: null, deadline: null };
      expect(uploading).toEqual({ phase: 'uploading', id, state: null, polls: 0, ...none });
      expect(await details(handle)).toBe(`**uploading** \`${id}\`\n\n- checks: 0`);
      const { queryDefinitions, signalDefinitions } = (await metadata(handle)).definition;
      expect(queryDefinitions).toContainEqual({
        name: 'uploadStatus',
        description: 'Phase of the run, state of the file, checks and the times of the wait',
      });
      expect(signalDefinitions).toContainEqual({
        name: 'checkNow',
        description: 'Ends the current sleep, so that the file is checked at once',
      });

      upload.open();
      await asleep(env, handle);
      const processing = await handle.status();
      const { nextCheckAt, deadline } = processing;
      expect(processing).toEqual({
        phase: 'processing',
        id,
        state: 'PROCESSING',
        polls: 0,
        nextCheckAt,
        deadline,
      });
      const uploadedAt = Date.parse(String(deadline)) - 90 * 60_000;
      expect(Date.parse(String(nextCheckAt)) - uploadedAt).toBe(3_600_000);
      expect(new Date(uploadedAt + 3_600_000).toISOString()).toBe(nextCheckAt);
      expect(await details(handle)).toBe(
        [
          `**processing** \`${id}\``,
          '',
          '- state: PROCESSING',
          '- checks: 0',
          `- next check: ${readable(nextCheckAt)}`,
          `- deadline: ${readable(deadline)}`,
        ].join('\n'),
      );

      await handle.cancel();
      await remove.reached;
      const cleaning = {
        phase: 'cleaning-up',
        id,
        state: 'PROCESSING',
        polls: 0,
        nextCheckAt: null,
        deadline,
      };
      expect(await handle.status()).toEqual(cleaning);

      remove.open();
      await ended(env, handle);
      expect(await handle.status()).toEqual({ ...cleaning, phase: 'done' });
      // A cancelled run has no failure with the outcome of the clean-up.
      expect(await details(handle)).toMatch(/^\*\*done\*\*[^]*- clean-up: deleted$/);
    });
  });

  it('ends its sleep on checkNow', async () => {
    await using at = await scenario(env, folder, {}, mode);
    const { result, events } = await at.run(async () => {
      const handle = await at.client.start(video.path, LONG);
      await asleep(env, handle);
      at.emulator.activate(await uploadedName(at.emulator));
      await handle.checkNow();
      const run = await ended(env, handle);
      expect(await handle.status()).toMatchObject({
        phase: 'done',
        state: 'ACTIVE',
        polls: 1,
        nextCheckAt: null,
      });
      return run;
    });
    expect(result).toMatchObject({ state: 'ACTIVE', polls: 1 });
    expect(timers(events)).toEqual([3_600_000]);
    expect(summaries(events)).toEqual(['upload clip.mp4', 'before check 1', 'check 1']);
  });

  it('does not lose a checkNow that comes while a check is under way', async () => {
    // The check has its answer, PROCESSING. The run learns of that answer after the signal.
    const checked = gate();
    const gates = afterActivities({ [ACTIVITY.check]: checked.pass });
    await using at = await scenario(env, folder, {}, { ...mode, ...gates });
    const { result, events } = await at.run(async () => {
      // Without its second check the run would sleep for an hour: its end is bounded here.
      const handle = await at.client.start(video.path, LONG, { workflowExecutionTimeout: '20s' });
      await asleep(env, handle);
      await handle.checkNow();
      await checked.reached;
      at.emulator.activate(await uploadedName(at.emulator));
      await handle.checkNow();
      checked.open();
      return ended(env, handle);
    });
    expect(result).toMatchObject({ state: 'ACTIVE', polls: 2 });
    expect(timers(events)).toEqual([3_600_000]);
  });

  it('summarises the last check, the clean-up and a file of any name', async () => {
    const name = `${'界'.repeat(80)}.mp4`;
    const file = await folder.file(name, 1000);
    await using at = await scenario(env, folder, {}, mode);
    const { events } = await at.run(async () => ended(env, await at.client.start(file.path, { timeout: 0 })));
    expect(summaries(events)).toEqual([`upload ${name}`, 'last check (1)', 'clean-up']);
  });
});
