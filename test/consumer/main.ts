/** A user's program, compiled and run outside this repo by scripts/consumer: their worker with the plugin, and a replay. */

import { deepStrictEqual, strictEqual } from 'node:assert';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GoogleGenAI } from '@google/genai';
import { TestWorkflowEnvironment } from '@temporalio/testing';
import { DefaultLogger, Runtime, Worker } from '@temporalio/worker';
import { GeminiFilesEmulator, replayHistories } from 'temporal-gemini-files/testing';
import { GeminiFilesPlugin } from 'temporal-gemini-files/worker';
import type { FilePart } from 'temporal-gemini-files/workflow';
import { entryPoints } from './entry-points.js';
import type { describeVideo } from './workflows.js';

const [workflowsPath = '', cli = ''] = process.argv.slice(2);

async function main(): Promise<void> {
  strictEqual(entryPoints.length, 7);
  Runtime.install({ logger: new DefaultLogger('ERROR') });
  const media = await mkdtemp(join(tmpdir(), 'gemini-files-consumer-'));
  await writeFile(join(media, 'clip.mp4'), Buffer.alloc(100_000, 'film'));
  const emulator = await GeminiFilesEmulator.start({ processing: '1500ms', answer: 'A film.' });
  const env = await TestWorkflowEnvironment.createLocal({
    server: { executable: { type: 'existing-path', path: cli } },
  });
  try {
    const genai = new GoogleGenAI({ apiKey: 'any', httpOptions: { baseUrl: emulator.url } });
    const describe = async (part: FilePart) => {
      const contents = [part, { text: 'What happens?' }];
      return (await genai.models.generateContent({ model: 'gemini-3-flash', contents })).text;
    };
    const worker = await Worker.create({
      connection: env.nativeConnection,
      taskQueue: 'consumer',
      workflowsPath,
      activities: { describe },
      plugins: [new GeminiFilesPlugin({ baseUrl: emulator.url, apiKey: 'any', allowedRoots: [media] })],
    });
    const options = { taskQueue: 'consumer', workflowId: 'consumer', args: ['clip.mp4'] as [string] };
    const result = await worker.runUntil(
      env.client.workflow.execute<typeof describeVideo>('describeVideo', options),
    );
    deepStrictEqual(result, { polls: 2, text: 'A film.' });

    const history = await env.client.workflow.getHandle('consumer').fetchHistory();
    const report = await replayHistories({ name: 'consumer', history }, { workflowsPath });
    deepStrictEqual(report.replayed, ['consumer']);
    process.stdout.write(`Node ${process.version}: uploaded, 2 checks, generated, replayed\n`);
  } finally {
    await env.teardown();
    await emulator.close();
    await rm(media, { recursive: true, force: true });
  }
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
  process.exitCode = 1;
});
