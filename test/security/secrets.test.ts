/** Runs every path with a recognisable key, and then looks for it, and for the sessions, in everything that was kept of them. */

import { randomUUID } from 'node:crypto';
import { appendFile, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ERROR_CLASSES } from '../../src/contract/errors.js';
import type { Fault } from '../../src/testing/index.js';
import { LeakSearch } from '../support/leaks.js';
import {
  activateOnceUploaded,
  asleep,
  QUICK,
  scenario,
  uploadedName,
  type Scenario,
} from '../support/scenario.js';
import { KEY, OLD_KEY, secretRuns, SHORT } from '../support/secret-runs.js';

const MiB = 1024 * 1024;
const { configFile, env, errors, folder, keepRequests, kept, metrics, run } = await secretRuns();
const video = await folder.file('clip.mp4', 1000);
const large = await folder.file('large.mp4', 24 * MiB);

/** As any SDK does it, which refuses nothing by itself. */
const byName = (input: object) => async (at: Scenario) => {
  const workflowId = randomUUID();
  await env.client.workflow.start('uploadAndWaitActive', {
    taskQueue: at.taskQueue,
    workflowId,
    args: [input],
  });
  return at.client.attach(workflowId);
};

const json = (code: number, status: string) => ({
  error: { code, status, message: `no, ${KEY} is not what may ${OLD_KEY}`, details: [{ reason: KEY }] },
});
const answer = (on: Fault['on'], status: number, times: number | 'always' = 1): Fault => ({
  on,
  do: 'respond',
  status,
  json: json(status, 'FAILED_PRECONDITION'),
  times,
});

describe('a run', () => {
  it('that succeeds, with waits', () => run('success', video.path, QUICK, {}, activateOnceUploaded));

  it('that is refused, by each type of failure', async () => {
    await run('missing file', 'none.mp4', {});
    await run('path', '/etc/passwd', {});
    await run('options', video.path, { timeout: '-1s' });
    await run('options, by name', '', {}, { start: byName({ path: video.path, timeout: '-1s' }) });
    await run('provider', '', {}, { start: byName({ path: video.path, provider: 'x' }) });
    const huge = join(folder.path, 'huge.mp4');
    await writeFile(huge, '');
    await run('empty', huge, {});
    await truncate(huge, 2 * 1024 ** 3 + 1);
    await run('too large', huge, {});
    await run('folder', folder.path, {});
    await run('profile', video.path, { credentials: 'team-b' });
    await run('no key', video.path, {}, { worker: { apiKey: () => '' } });
    await run('wrong key', video.path, {}, { emulated: { apiKeys: ['another'] } });
    await run('quota', video.path, {}, { emulated: { storageQuotaBytes: 10 } });
    await run('type', video.path, { mimeType: 'bad/mime_type' });
    await run('start echoes', video.path, {}, { emulated: { faults: [answer('start', 400)] } });
    await run('upload echoes', video.path, {}, { emulated: { faults: [answer('upload', 403)] } });
    await run('retried', video.path, SHORT, {
      emulated: { faults: [answer('start', 503), answer('get', 429)] },
    });
    await run('hash', video.path, {}, { emulated: { faults: [{ on: 'finalize', do: 'wrongHash' }] } });
  });

  it('that fails at the provider, or is not ACTIVE in time, with a clean-up that succeeds or does not', async () => {
    await run('failed', video.path, QUICK, {}, async ({ emulator }) =>
      emulator.fail(await uploadedName(emulator)),
    );
    await run('timeout', video.path, SHORT);
    const settings = { ...SHORT, cleanupTimeout: '2s' } as const;
    await run('clean-up', video.path, settings, { emulated: { faults: [answer('delete', 503, 'always')] } });
    await run('kept', video.path, { ...SHORT, cleanupOnTimeout: false });
  });

  it('that is cancelled in its sleep, and in its upload, of which Temporal shows the heartbeat', async () => {
    await run(
      'cancel in sleep',
      video.path,
      { pollInterval: '10s', timeout: '1m' },
      {},
      async (_, handle) => {
        await asleep(env, handle);
        await handle.cancel();
      },
    );
    const stall: Fault = { on: 'upload', do: 'stall', afterBytes: 9 * MiB };
    await run('cancel in upload', large.path, {}, { emulated: { faults: [stall] } }, async (at, handle) => {
      await at.emulator.waitFor((requests) => requests.some(({ outcome }) => outcome === 'stalled'));
      await expect
        .poll(async () => {
          const { raw } = await handle.workflow.describe();
          return Number(raw.pendingActivities?.[0]?.heartbeatDetails?.payloads?.length ?? 0);
        })
        .toBeGreaterThan(0);
      await kept.addWorkflow(env.client, handle.workflowId, { query: true });
      await handle.cancel();
    });
  });

  it('whose file changes while it is sent', async () => {
    const changing = await folder.file('changing.mp4', 24 * MiB);
    const pace: Fault = { on: 'upload', do: 'pace', bytesPerSecond: 4 * MiB };
    await run('changed', changing.path, {}, { emulated: { faults: [pace] } }, async (at) => {
      await at.emulator.waitFor((requests) => requests.some(({ bytes }) => bytes > 9 * MiB));
      await appendFile(changing.path, 'more');
    });
  });

  it('whose key is a profile’s, is rotated, and whose connection breaks', async () => {
    await run('profile', video.path, { ...QUICK, credentials: 'team-a' }, {}, activateOnceUploaded);
    const keys = [OLD_KEY, KEY];
    const apiKey = () => keys.shift() ?? KEY;
    const emulated = { apiKeys: [KEY] };
    await run('rotation', video.path, QUICK, { emulated, worker: { apiKey } }, activateOnceUploaded);
    const breaks: Fault[] = [
      { on: 'upload', do: 'reset', afterBytes: 500 },
      { on: 'query', do: 'reset' },
      { on: 'query', do: 'expireSession' },
    ];
    await run('breaks', video.path, QUICK, { emulated: { faults: breaks } }, activateOnceUploaded);
  });

  it('whose workflow is terminated, and swept', async () => {
    await using at = await scenario(env, folder, {}, { apiKey: KEY, configFile });
    await at.run(async () => {
      const handle = await at.client.start(video.path, { pollInterval: '10s', timeout: '1m' });
      await asleep(env, handle);
      await handle.workflow.terminate('for the test');
      const workflowId = randomUUID();
      const swept: unknown = await env.client.workflow.execute('sweepAbandonedFiles', {
        taskQueue: at.taskQueue,
        workflowId,
        args: [{ olderThan: 0 }],
      });
      kept.add('sweep', swept);
      await kept.addWorkflow(env.client, workflowId);
      await kept.addWorkflow(env.client, handle.workflowId);
    });
    keepRequests('sweep', at.emulator);
  });
});

describe('the search', () => {
  it('has had every type of failure before it, but the one of secrets-commands.test.ts and those of sources', () => {
    expect([...errors, 'MissingDependencyError', 'SourceError', 'SourceNotAllowedError'].sort()).toEqual(
      [...Object.keys(ERROR_CLASSES), 'WorkflowFailedError'].sort(),
    );
  });

  it('finds neither a key nor a session in histories, logs, metrics or URLs', async () => {
    const measured = await metrics();
    expect(measured).toContain('gemini_files_uploads_total');
    kept.add('metrics', measured);
    expect(kept.length).toBeGreaterThan(1_000_000);
    expect(kept.found()).toEqual([]);
  });

  it('would find them', async () => {
    const search = new LeakSearch();
    search.secret(KEY);
    const workflowId = randomUUID();
    const handle = await env.client.workflow.start('uploadAndWaitActive', {
      taskQueue: randomUUID(),
      workflowId,
      args: [{ path: 'x' }],
      memo: { note: KEY },
    });
    await handle.terminate(`because of ${KEY}`);
    search.add('client', await handle.result().catch((error: unknown) => error));
    await search.addWorkflow(env.client, workflowId);
    search.add('log', { deep: [{ bytes: Buffer.from(`{"a":"${KEY}"}`) }] });
    search.add('url', `https://host.test/?key=${encodeURIComponent(KEY)}`);
    search.add('base64', Buffer.from(KEY).toString('base64'));
    const where = search.found().map((one) => one.split(/[ :]/, 1)[0]);
    expect(where).toEqual(expect.arrayContaining(['client', 'describe', 'history', 'log', 'url', 'base64']));
  });
});
