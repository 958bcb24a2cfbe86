// Invokes the handler of examples/lambda as AWS does, with a short deadline each time, until a run is done: node lambda.js TEMPORAL_CLI
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Client, Connection } from '@temporalio/client';
import { GeminiFilesClient } from 'temporal-gemini-files';
import { GeminiFilesEmulator } from 'temporal-gemini-files/testing';

/** Of which `@temporalio/lambda-worker` keeps 7 s for the shutdown. */
const INVOCATION_MS = 11_000;
const VERSION = { deploymentName: 'gemini-files', buildId: 'v1' };

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  await new Promise((closed) => server.close(closed));
  return port;
}

async function until(what, attempt) {
  for (const end = Date.now() + 20_000; ; await delay(200)) {
    try {
      return await attempt();
    } catch (error) {
      if (Date.now() > end) throw new Error(`Not within 20 s: ${what}`, { cause: error });
    }
  }
}

const media = await mkdtemp('/tmp/gemini-files-lambda-');
await writeFile(join(media, 'clip.mp4'), Buffer.alloc(1_000_000, 1));
const emulator = await GeminiFilesEmulator.start({ processing: '6s' });
const address = `127.0.0.1:${await freePort()}`;
const flags = ['--headless', '--ip', '127.0.0.1', '--port', address.split(':')[1], '--log-level', 'never'];
const server = spawn(process.argv[2], ['server', 'start-dev', ...flags], { stdio: 'ignore' });
try {
  const connection = await until('a Temporal server', () =>
    Connection.connect({ address, connectTimeout: '1s' }),
  );
  const client = new Client({ connection });
  Object.assign(process.env, {
    TEMPORAL_ADDRESS: address,
    GEMINI_API_KEY: 'any',
    GOOGLE_GEMINI_BASE_URL: emulator.url,
  });
  const { handler } = await import('./handler.js');
  const invoke = (number) => {
    const end = Date.now() + INVOCATION_MS;
    return handler(
      {},
      {
        awsRequestId: `request-${number}`,
        invokedFunctionArn: 'arn:aws:lambda:us-east-1:1:function:gemini-files',
        getRemainingTimeInMillis: () => end - Date.now(),
      },
    );
  };
  const first = invoke(1);
  const setCurrent = () =>
    client.workflowService.setWorkerDeploymentCurrentVersion({
      namespace: 'default',
      ...VERSION,
      version: `${VERSION.deploymentName}.${VERSION.buildId}`,
      ignoreMissingTaskQueues: true,
    });
  await Promise.race([until('the version is known', setCurrent), first.then(() => delay(20_000))]);
  const handle = await new GeminiFilesClient(client).start(join(media, 'clip.mp4'), { timeout: '1m' });
  let file;
  const done = handle.result().then((result) => (file = result));
  done.catch(() => undefined);
  await first;
  let invocations = 1;
  while (file === undefined && invocations < 5) await invoke(++invocations);
  process.stdout.write(`${file?.state} after ${invocations} invocations\n`);
  process.exitCode = file?.state === 'ACTIVE' && invocations > 1 ? 0 : 1;
  await connection.close();
} finally {
  server.kill('SIGTERM');
  await emulator.close();
  await rm(media, { recursive: true, force: true });
}
process.exit();
