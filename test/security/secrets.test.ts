/** Runs every path with a recognisable key, and then looks for it, and for the sessions, in everything that was kept of them. */

import { randomUUID } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { TestWorkflowEnvironment } from '@temporalio/testing';
import { DefaultLogger, makeTelemetryFilterString, Runtime } from '@temporalio/worker';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import type { UploadHandle, UploadSettings } from '../../src/client/index.js';
import { GeminiFilesEmulator, type EmulatorOptions, type Fault } from '../../src/testing/index.js';
import type { GeminiFilesWorkerOptions } from '../../src/worker/index.js';
import { cliHome } from '../support/cli.js';
import { testFolder, type TestFile, type TestFolder } from '../support/files.js';
import { LeakSearch } from '../support/leaks.js';
import {
  activateOnceUploaded,
  asleep,
  QUICK,
  scenario,
  uploadedName,
  type Scenario,
} from '../support/scenario.js';

const KEY = 'AIzaSyRecognisable-Key_0f_the_Worker-0001';
const OLD_KEY = 'AIzaSyRecognisable-Key_before_Rotation02';
const PROFILE_KEY = 'AIzaSyRecognisable-Key_0f_a_Profile-0003';
const MiB = 1024 * 1024;

const kept = new LeakSearch();
kept.secret(KEY, OLD_KEY, PROFILE_KEY);
let env: TestWorkflowEnvironment;
let folder: TestFolder;
let video: TestFile;
let large: TestFile;
let configFile: string;
beforeAll(async () => {
  // All that Temporal says of itself, its core's configuration at the start among it.
  Runtime.install({
    logger: new DefaultLogger('TRACE', (entry) =>
      kept.add(`log ${entry.message}`, entry.message, entry.meta),
    ),
    telemetryOptions: {
      logging: { filter: makeTelemetryFilterString({ core: 'DEBUG', other: 'INFO' }), forward: {} },
    },
    shutdownSignals: [],
  });
  env = await TestWorkflowEnvironment.createLocal({
    server: { executable: { type: 'existing-path', path: inject('temporalCli') } },
  });
  folder = await testFolder();
  video = await folder.file('clip.mp4', 1000);
  large = await folder.file('large.mp4', 24 * MiB);
  configFile = join(folder.path, 'config.json');
  await writeFile(configFile, JSON.stringify({ profiles: { 'team-a': { apiKey: PROFILE_KEY } } }));
});
afterAll(async () => {
  await env?.teardown();
  await folder?.[Symbol.asyncDispose]();
});

const SHORT: UploadSettings = { ...QUICK, timeout: '300ms' };

/** Runs one upload as `options` say, `meanwhile` with it, and keeps all that there is of it. */
async function path(
  name: string,
  file: string,
  settings: UploadSettings,
  options: { emulated?: EmulatorOptions; worker?: GeminiFilesWorkerOptions } = {},
  meanwhile: (at: Scenario, handle: UploadHandle) => Promise<unknown> = () => Promise.resolve(),
): Promise<void> {
  await using at = await scenario(env, folder, options.emulated, {
    apiKey: KEY,
    configFile,
    ...options.worker,
  });
  await at.run(async () => {
    let handle: UploadHandle;
    try {
      handle = await at.client.start(file, settings);
    } catch (error) {
      return kept.add(`${name}: refused by the client`, error, (error as Error).stack);
    }
    await meanwhile(at, handle);
    const end = await handle.result().catch((error: unknown) => error);
    kept.add(`${name}: what the client got`, end, end instanceof Error ? [end.stack, end.cause] : '');
    await kept.addWorkflow(env.client, handle.workflowId, { query: true });
  });
  keepRequests(name, at.emulator);
}

/** URLs with the session's own part taken out where it has to be; sessions are secrets from now on. */
function keepRequests(name: string, emulator: GeminiFilesEmulator): void {
  for (const { operation, rawUrl } of emulator.requests) {
    const ofSession = operation === 'upload' || operation === 'query' || operation === 'cancel';
    kept.add(`${name}: URL of a ${operation}`, ofSession ? rawUrl.replace(/upload_id=[\w-]+/, '') : rawUrl);
  }
  kept.secret(...emulator.sessions.map(({ id }) => id));
}

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
  it('that succeeds, with waits', () => path('success', video.path, QUICK, {}, activateOnceUploaded));

  it('that is refused, by each type of failure', async () => {
    await path('missing file', 'none.mp4', {});
    await path('path', '/etc/passwd', {});
    await path('options', video.path, { timeout: '-1s' });
    await path('profile', video.path, { credentials: 'team-b' });
    await path('no key', video.path, {}, { worker: { apiKey: () => '' } });
    await path('wrong key', video.path, {}, { emulated: { apiKeys: ['another'] } });
    await path('quota', video.path, {}, { emulated: { storageQuotaBytes: 10 } });
    await path('type', video.path, { mimeType: 'bad/mime_type' });
    await path('start echoes', video.path, {}, { emulated: { faults: [answer('start', 400)] } });
    await path('upload echoes', video.path, {}, { emulated: { faults: [answer('upload', 403)] } });
    await path('retried', video.path, SHORT, {
      emulated: { faults: [answer('start', 503), answer('get', 429)] },
    });
    await path('hash', video.path, {}, { emulated: { faults: [{ on: 'finalize', do: 'wrongHash' }] } });
  });

  it('that fails at the provider, or is not ACTIVE in time, with a clean-up that succeeds or does not', async () => {
    await path('failed', video.path, QUICK, {}, async ({ emulator }) =>
      emulator.fail(await uploadedName(emulator)),
    );
    await path('timeout', video.path, SHORT);
    const settings = { ...SHORT, cleanupTimeout: '2s' } as const;
    await path('clean-up', video.path, settings, { emulated: { faults: [answer('delete', 503, 'always')] } });
    await path('kept', video.path, { ...SHORT, cleanupOnTimeout: false });
  });

  it('that is cancelled in its sleep, and in its upload, of which Temporal shows the heartbeat', async () => {
    await path(
      'cancel in sleep',
      video.path,
      { pollInterval: '10s', timeout: '1m' },
      {},
      async (_, handle) => {
        await asleep(env, handle);
        await handle.cancel();
      },
    );
    const pace: Fault = { on: 'upload', do: 'pace', bytesPerSecond: 4 * MiB };
    await path('cancel in upload', large.path, {}, { emulated: { faults: [pace] } }, async (at, handle) => {
      await at.emulator.waitFor((requests) => requests.some(({ bytes }) => bytes > 9 * MiB));
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

  it('whose key is a profile’s, is rotated, and whose connection breaks', async () => {
    await path('profile', video.path, { ...QUICK, credentials: 'team-a' }, {}, activateOnceUploaded);
    const keys = [OLD_KEY, KEY];
    const apiKey = () => keys.shift() ?? KEY;
    const emulated = { apiKeys: [KEY] };
    await path('rotation', video.path, QUICK, { emulated, worker: { apiKey } }, activateOnceUploaded);
    const breaks: Fault[] = [
      { on: 'upload', do: 'reset', afterBytes: 500 },
      { on: 'query', do: 'reset' },
      { on: 'query', do: 'expireSession' },
    ];
    await path('breaks', video.path, QUICK, { emulated: { faults: breaks } }, activateOnceUploaded);
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

describe('the command line', () => {
  it('prints neither, whatever comes of it, and a worker that is killed leaves neither', async () => {
    await using emulator = await GeminiFilesEmulator.start({ outcome: 'NEVER' });
    emulator.addFaults({ on: 'upload', do: 'pace', bytesPerSecond: 4 * MiB });
    await using home = await cliHome({
      TEMPORAL_ADDRESS: env.address,
      GEMINI_API_KEY: KEY,
      GOOGLE_GEMINI_BASE_URL: emulator.url,
    });
    const worker = () => home.start(['worker', '--json', '--verbose', '--allow-root', folder.path]);
    const first = worker();
    await first.stdout(/\n/);
    const flags = ['--no-worker', '--json', '--verbose', '--poll-interval', '100ms', '--timeout', '30s'];
    const upload = home.start(['upload', large.path, ...flags]);
    await emulator.waitFor((requests) => requests.some(({ bytes }) => bytes > 9 * MiB), {
      timeoutMs: 30_000,
    });
    first.child.kill('SIGKILL');
    const second = worker();
    const name = await emulator.waitFor(() => [...emulator.files.keys()][0], { timeoutMs: 60_000 });
    emulator.activate(name);
    const ends = [await upload.ended];
    expect(ends[0]?.code).toBe(0);
    for await (const { workflowId } of env.client.workflow.list({ query: "TaskQueue = 'gemini-files'" })) {
      ends.push(await home.run(['status', workflowId, '--json']), await home.run(['status', workflowId]));
      await kept.addWorkflow(env.client, workflowId, { query: true });
    }
    for (const json of [[], ['--json']]) {
      ends.push(await home.run(['doctor', ...json]));
      ends.push(
        await home.run(['upload', video.path, '--no-worker', '--timeout', '300ms', '--verbose', ...json]),
      );
      ends.push(await home.run(['upload', 'none.mp4', '--no-worker', ...json]));
      ends.push(await home.run(['sweep', '--dry-run', ...json]));
      const strict = { GEMINI_API_KEY: `${KEY}\nx` };
      ends.push(await home.run(['doctor', ...json], { env: strict }));
    }
    second.child.kill('SIGTERM');
    ends.push(await first.ended, await second.ended);
    ends.forEach(({ stdout, stderr }, at) => kept.add(`output ${at}`, stdout, stderr));
    keepRequests('command line', emulator);
  }, 180_000);
});

describe('the search', () => {
  it('finds neither a key nor a session in histories, logs, output or URLs', () => {
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
