/** The commands with a recognisable key, of which nothing is printed, measured or kept by Temporal. */

import { expect, it } from 'vitest';
import { GeminiFilesClient } from '../../src/client/index.js';
import { GeminiFilesEmulator } from '../../src/testing/index.js';
import { cliHome, type CliProcess } from '../support/cli.js';
import { importingNoGenai } from '../support/no-genai.js';
import { scrape } from '../support/scrape.js';
import { KEY, secretRuns } from '../support/secret-runs.js';
import { workerScript } from '../support/worker-process.js';

const MiB = 1024 * 1024;
const { env, folder, keepRequests, kept } = await secretRuns();
const video = await folder.file('clip.mp4', 1000);
const large = await folder.file('large.mp4', 24 * MiB);

/** Where a worker that is ready serves its metrics. */
async function metricsOf(worker: CliProcess): Promise<string> {
  const [ready] = await worker.stdout(/^\{.*\}$/m);
  return (JSON.parse(ready) as { metrics: string }).metrics;
}

it('prints neither, whatever comes of it, and a worker that is killed leaves neither', async () => {
  await using emulator = await GeminiFilesEmulator.start({ outcome: 'NEVER' });
  emulator.addFaults({ on: 'upload', do: 'pace', bytesPerSecond: 4 * MiB });
  await using home = await cliHome({
    TEMPORAL_ADDRESS: env.address,
    GEMINI_API_KEY: KEY,
    GOOGLE_GEMINI_BASE_URL: emulator.url,
  });
  const worker = () =>
    home.start(['worker', '--json', '--verbose', '--allow-root', folder.path, '--metrics', '127.0.0.1:0']);
  const first = worker();
  await metricsOf(first);
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
  const query = "TaskQueue = 'gemini-files'";
  // The list is eventually consistent.
  await expect.poll(async () => (await env.client.workflow.count(query)).count).toBeGreaterThan(0);
  for await (const { workflowId } of env.client.workflow.list({ query })) {
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
  const { text } = await scrape(await metricsOf(second));
  expect(text).toContain('gemini_files_uploads_total');
  kept.add('metrics', text);
  second.child.kill('SIGTERM');
  ends.push(await first.ended, await second.ended);
  ends.forEach(({ stdout, stderr }, at) => kept.add(`output ${at}`, stdout, stderr));
  keepRequests('command line', emulator);
});

it('prints neither if a worker has no Gemini SDK: nothing is sent, and there is nothing to delete', async () => {
  await using emulator = await GeminiFilesEmulator.start();
  await using home = await cliHome({
    TEMPORAL_ADDRESS: env.address,
    GEMINI_API_KEY: KEY,
    GOOGLE_GEMINI_BASE_URL: emulator.url,
    NODE_OPTIONS: `--import ${importingNoGenai}`,
  });
  const taskQueue = 'without-sdk';
  // The command does not start without the SDK; a user's own worker does, and warns.
  const settings = { address: env.address, namespace: 'default', taskQueue, allowedRoots: [folder.path] };
  const TEST_WORKER = JSON.stringify(settings);
  const worker = home.start([], { script: workerScript, env: { TEST_WORKER } });
  await worker.stderr(/GeminiFilesWarning: No file can be uploaded\./);
  const handle = await new GeminiFilesClient(env.client, { taskQueue }).start(video.path);
  const error: unknown = await handle.result().catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ name: 'MissingDependencyError' });
  expect(emulator.requests).toEqual([]);
  const { events } = await handle.workflow.fetchHistory();
  const starts = events?.flatMap(({ activityTaskStartedEventAttributes: started }) => started ?? []);
  expect(starts?.map(({ attempt }) => attempt)).toEqual([1]);
  await kept.addWorkflow(env.client, handle.workflowId, { query: true });
  worker.child.kill('SIGKILL');
  const { stdout, stderr } = await worker.ended;
  kept.add('without the SDK', stdout, stderr, error);
});

it('and neither is found in what they printed, in histories or URLs', () => {
  expect(kept.length).toBeGreaterThan(50_000);
  expect(kept.found()).toEqual([]);
});
