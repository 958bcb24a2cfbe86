/** A live run in Temporal's Web UI, as headless Chromium sees it. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { access, copyFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Client, Connection } from '@temporalio/client';
import { DefaultLogger, NativeConnection, Runtime } from '@temporalio/worker';
import { chromium } from 'playwright-core';
import { GeminiFilesClient } from '../../dist/client/index.js';
import { GeminiFilesEmulator } from '../../dist/testing/index.js';
import { createGeminiFilesWorker } from '../../dist/worker/index.js';
import { freePort } from '../chaos/free-port.js';
import { quantize } from './quantize.js';

const CHROMIUM = '/usr/bin/chromium';
const SAMPLE = fileURLToPath(new URL('../../samples/sample.mp4', import.meta.url));
const MARGIN = 16;
const AXIS = 96;

/** @returns PNGs: `timeline`, with the summaries, and `details`, the current details */
export async function screenshotRun(cli) {
  await access(CHROMIUM).catch(() => {
    throw new Error('chromium is not installed: apt-get install --no-install-recommends chromium');
  });
  const closers = [];
  try {
    const { timeline, details } = await take(cli, closers);
    return { timeline: await quantize(timeline), details: await quantize(details) };
  } finally {
    for (const close of closers.reverse()) await close();
  }
}

async function take(cli, closers) {
  const media = await mkdtemp(join(tmpdir(), 'pictures-media-'));
  closers.push(() => rm(media, { recursive: true, force: true }));
  await copyFile(SAMPLE, join(media, 'clip.mp4'));
  const emulator = await GeminiFilesEmulator.start({ outcome: 'NEVER' });
  closers.push(() => emulator.close());
  const { address, uiUrl } = await startServer(cli, closers);

  Runtime.install({ logger: new DefaultLogger('ERROR'), shutdownSignals: [] });
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
  const gemini = new GeminiFilesClient(client);
  const handle = await gemini.start('clip.mp4', { timeout: '90s' }, { workflowId: 'upload-clip' });
  // As it waits after its third check, there is something to see of each kind.
  for await (const { polls, nextCheckAt } of gemini.progress(handle)) if (polls >= 3 && nextCheckAt) break;

  const { runId } = await handle.workflow.describe();
  const pictures = await photograph(`${uiUrl}/namespaces/default/workflows/upload-clip/${runId}`, closers);
  await handle.cancel();
  await handle.result().catch(() => undefined);
  return pictures;
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

async function photograph(url, closers) {
  // Chromium's own sandbox does not work for root.
  const args = process.getuid() === 0 ? ['--no-sandbox'] : [];
  const browser = await chromium.launch({ executablePath: CHROMIUM, args });
  closers.push(() => browser.close());
  const page = await browser.newPage({ colorScheme: 'light', locale: 'en-US', timezoneId: 'UTC' });

  await page.setViewportSize({ width: 1370, height: 1200 });
  await page.goto(`${url}/timeline`);
  const graph = page.locator('#event-history-timeline-graph');
  await graph.getByText('geminiFilesCheck • check 3').waitFor();
  // The upload is the lowest row; the axis below it is part of the picture, the empty rest is not.
  const timeline = await between(page, page.locator('h1'), graph.getByText('upload clip.mp4'), AXIS);

  // Narrower, the panels lie one below the other.
  await page.setViewportSize({ width: 960, height: 1200 });
  await page.goto(`${url}/user-metadata`);
  const frame = page.locator('iframe').last();
  await frame.contentFrame().getByText('checks:').waitFor();
  const details = await between(page, page.getByText('Current Details'), frame);
  return { timeline, details };
}

/** What is right of the menu, from the one element to the other, with a margin in pixels. */
async function between(page, first, last, below = MARGIN) {
  const [content, from, to] = await Promise.all(
    [page.locator('#content'), first, last].map((element) => element.boundingBox()),
  );
  const y = from.y - MARGIN;
  const height = to.y + to.height + below - y;
  return page.screenshot({ clip: { x: content.x, y, width: content.width, height } });
}
