/** What a picture is taken of: a Temporal server with its Web UI, the emulator, and a worker. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Client, Connection } from '@temporalio/client';
import { DefaultLogger, NativeConnection, Runtime } from '@temporalio/worker';
import { GeminiFilesClient } from '../../dist/client/index.js';
import { GeminiFilesEmulator } from '../../dist/testing/index.js';
import { createGeminiFilesWorker, prometheusMetrics } from '../../dist/worker/index.js';
import { freePort } from '../chaos/free-port.js';

const SAMPLE = fileURLToPath(new URL('../../samples/sample.mp4', import.meta.url));

/** A process has one runtime, and so one address of its metrics. */
let metrics;

/**
 * @param use - gets `{client, gemini, emulator, media, uiUrl, metrics, closers}`; what it adds to `closers` is ended before the rest
 * @returns what `use` returns
 */
export async function withWorld(cli, options, use) {
  const closers = [];
  try {
    return await use(await start(cli, options, closers));
  } finally {
    for (const close of closers.reverse()) await close();
  }
}

async function start(cli, options, closers) {
  const media = await mkdtemp(join(tmpdir(), 'pictures-media-'));
  closers.push(() => rm(media, { recursive: true, force: true }));
  await copyFile(SAMPLE, join(media, 'clip.mp4'));
  const emulator = await GeminiFilesEmulator.start(options.emulator);
  closers.push(() => emulator.close());
  const { address, uiUrl } = await startServer(cli, closers);

  if (metrics === undefined) {
    metrics = `127.0.0.1:${await freePort()}`;
    Runtime.install({
      logger: new DefaultLogger('ERROR'),
      shutdownSignals: [],
      telemetryOptions: { metrics: prometheusMetrics(metrics) },
    });
  }
  const connection = await NativeConnection.connect({ address });
  closers.push(() => connection.close());
  const worker = await createGeminiFilesWorker({
    connection,
    baseUrl: emulator.url,
    apiKey: 'pictures',
    allowedRoots: [media],
    identity: 'worker-1',
  });
  const running = worker.run();
  closers.push(async () => {
    worker.shutdown();
    await running;
  });

  const clientConnection = await Connection.connect({ address });
  closers.push(() => clientConnection.close());
  const client = new Client({ connection: clientConnection, identity: 'client' });
  return { client, gemini: new GeminiFilesClient(client), emulator, media, uiUrl, metrics, closers };
}

async function startServer(cli, closers) {
  const [port, uiPort] = [await freePort(), await freePort()];
  const ports = ['--port', String(port), '--ui-port', String(uiPort)];
  const args = ['server', 'start-dev', '--ip', '127.0.0.1', '--ui-ip', '127.0.0.1', ...ports];
  const server = spawn(cli, [...args, '--log-level', 'never'], { stdio: 'ignore' });
  const ended = once(server, 'exit');
  closers.push(async () => {
    server.kill('SIGTERM');
    await ended;
  });
  const address = `127.0.0.1:${port}`;
  for (const deadline = Date.now() + 30_000; ;) {
    try {
      await (await Connection.connect({ address, connectTimeout: '1s' })).close();
      await fetch(`http://127.0.0.1:${uiPort}`);
      return { address, uiUrl: `http://127.0.0.1:${uiPort}` };
    } catch (error) {
      if (server.exitCode !== null || Date.now() > deadline) throw error;
    }
  }
}
