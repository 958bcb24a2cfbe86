// npm run record-histories: records test/histories/<version>/<scenario>.json from real runs of every path.
// With --as VERSION it records for a version that is not in package.json yet, with --only PREFIX those scenarios.
// The histories of a released version (one with a heading in CHANGELOG.md) are never overwritten.
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { TestWorkflowEnvironment } from '@temporalio/testing';
import { bundleWorkflowCode, DefaultLogger, Worker } from '@temporalio/worker';
import { findTemporalCli } from '../dist/cli/temporal-cli/index.js';
import { GeminiFilesEmulator } from '../dist/testing/index.js';
import { formatHistory } from '../dist/testing/replay/history-json.js';
import { GeminiFilesPlugin } from '../dist/worker/index.js';
import { installQuietRuntime } from './quiet-runtime.js';
import { scenarios, sources } from './scenarios.js';

const path = (relative) => fileURLToPath(new URL(`../${relative}`, import.meta.url));
const { values: flags } = parseArgs({
  options: { as: { type: 'string' }, only: { type: 'string', default: '' } },
});
const version = flags.as ?? JSON.parse(await readFile(path('package.json'), 'utf8')).version;
const folder = path(`test/histories/${version}`);
const released = (await readFile(path('CHANGELOG.md'), 'utf8')).includes(`\n## [${version}]`);
if (released && existsSync(folder)) {
  process.stderr.write(
    `${version} is released: its histories stay as they are. Raise the version in package.json first.\n`,
  );
  process.exit(1);
}

installQuietRuntime();
const { path: cli } = await findTemporalCli();
// Low, so that a short run continues as new.
const extraArgs = ['--dynamic-config-value', 'limit.historyCount.suggestContinueAsNew=60'];
const env = await TestWorkflowEnvironment.createLocal({
  client: { identity: 'recorder' },
  server: { executable: { type: 'existing-path', path: cli }, extraArgs },
});
const media = await mkdtemp(join(tmpdir(), 'gemini-files-record-'));
const workflowBundle = await bundleWorkflowCode({
  workflowsPath: path('test/histories/workflows.ts'),
  logger: new DefaultLogger('ERROR'),
});
await mkdir(folder, { recursive: true });

for (const { name, emulator: options, play } of scenarios.filter(({ name }) => name.startsWith(flags.only))) {
  const emulator = await GeminiFilesEmulator.start(options);
  const worker = await Worker.create({
    identity: 'recorder',
    connection: env.nativeConnection,
    taskQueue: name,
    workflowBundle,
    plugins: [
      new GeminiFilesPlugin({ baseUrl: emulator.url, apiKey: 'recording', allowedRoots: [media], sources }),
    ],
  });
  const runs = await worker.runUntil(() => play({ client: env.client, taskQueue: name, media, emulator }));
  for (const [index, { workflowId, runId }] of runs.entries()) {
    const history = await env.client.workflow.getHandle(workflowId, runId).fetchHistory();
    const file = `${name}${runs.length > 1 ? `-${index + 1}` : ''}.json`;
    await writeFile(join(folder, file), `${withoutStacks(formatHistory(history))}\n`);
    process.stdout.write(`${version}/${file}: ${history.events.length} events\n`);
  }
  await emulator.close();
}
await env.teardown();
await rm(media, { recursive: true, force: true });

/** Stack traces name folders of the recording machine, and no replay reads them. */
function withoutStacks(json) {
  const keep = (key, value) => (key === 'stackTrace' ? undefined : value);
  return JSON.stringify(JSON.parse(json, keep), null, 1);
}
