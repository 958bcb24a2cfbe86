/** The processes: dev server, two workers, emulator. Each can be killed and started again; all are ended at the end. */
import { fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Connection } from '@temporalio/client';
import { startEmulator } from './emulator.js';
import { freePort } from './free-port.js';

const script = (name) => fileURLToPath(new URL(name, import.meta.url));

export async function createWorld({ cli, folder }) {
  const port = await freePort();
  const address = `127.0.0.1:${port}`;
  const emulator = await startEmulator();
  const processes = new Map();

  const starters = {
    server: () =>
      spawn(
        cli,
        [
          'server',
          'start-dev',
          '--headless',
          '--ip',
          '127.0.0.1',
          '--port',
          String(port),
          '--log-level',
          'never',
        ].concat(['--db-filename', join(folder, 'temporal.db')]),
        { stdio: 'ignore' },
      ),
    'worker-0': () => startWorker(),
    'worker-1': () => startWorker(),
  };
  const startWorker = () =>
    fork(script('worker-process.js'), [address, emulator.url, folder], {
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });

  const start = (name) => processes.set(name, starters[name]());
  /** `kill -9`, and waits until it is dead. */
  const kill = async (name) => {
    const child = processes.get(name);
    if (child.exitCode !== null || child.signalCode !== null) return;
    const exit = once(child, 'exit');
    child.kill('SIGKILL');
    await exit;
  };

  start('server');
  const connection = await connect(address);
  start('worker-0');
  start('worker-1');
  return {
    connection,
    emulator,
    start,
    kill,
    async close() {
      await Promise.all([...processes.keys()].map(kill));
      await connection.close();
      await emulator.call('close');
    },
  };
}

async function connect(address) {
  const deadline = Date.now() + 30_000;
  for (;;) {
    try {
      return await Connection.connect({ address, connectTimeout: '1s' });
    } catch (error) {
      if (Date.now() > deadline) throw error;
    }
  }
}
