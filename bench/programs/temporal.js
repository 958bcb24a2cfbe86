/** Temporal's dev server, its database in memory; ended with its parent, however that ends. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { Connection } from '@temporalio/client';
import { findTemporalCli } from '../../dist/cli/temporal-cli/index.js';
import { freePort } from '../../dist/util/free-port.js';
import { say } from '../lib/progress.js';
import { serve, settings } from '../lib/serve.js';

const START_PATIENCE_MS = 30_000;

const { path } = await findTemporalCli({ onProgress: say });
const port = await freePort();
const { readsPerSecond } = settings;
/** How often the server's one shard reads its queue of new tasks at most. */
const reads =
  readsPerSecond === undefined
    ? []
    : ['--dynamic-config-value', `history.transferProcessorMaxPollRPS=${readsPerSecond}`];
const child = spawn(
  path,
  [
    ...['server', 'start-dev', '--headless', '--ip', '127.0.0.1', '--port', String(port)],
    ...['--log-level', 'never', ...reads],
  ],
  { stdio: 'ignore' },
);
const ended = once(child, 'exit');
const close = () => (child.kill(), ended);
const address = `127.0.0.1:${port}`;

try {
  await untilAnswering();
} catch (error) {
  await close();
  throw error;
}
serve({ ready: { address }, close });

async function untilAnswering() {
  const deadline = Date.now() + START_PATIENCE_MS;
  for (;;) {
    try {
      const connection = await Connection.connect({ address, connectTimeout: '1s' });
      return await connection.close();
    } catch (error) {
      if (Date.now() > deadline) throw error;
    }
  }
}
