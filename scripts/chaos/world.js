/** The processes: dev server, workers, emulator, https host of sources. The first two are killed and started again; all are ended at
 * the end. A worker reaches the server through a relay of its own, which can cut it off. */
import { fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Connection } from '@temporalio/client';
import { TRUST } from '../../bench/lib/tls.js';
import { startEmulator } from './emulator.js';
import { freePort } from './free-port.js';
import { startRelay } from './relay.js';
import { startService } from './service.js';

const script = (name) => fileURLToPath(new URL(name, import.meta.url));

/**
 * @param clocks - by worker: how wrong the clock of its first, second, … process is, in milliseconds; round and round
 * @param historyLimit - events after which the server suggests that a run continues as new; its default if undefined
 */
export async function createWorld({ cli, folder, clocks, historyLimit }) {
  const port = await freePort();
  const address = `127.0.0.1:${port}`;
  const emulator = await startEmulator();
  const sources = await startService('source-process.js');
  const processes = new Map();
  const started = {};
  const relays = {};
  for (const worker of Object.keys(clocks)) relays[worker] = await startRelay(port);

  const serverArgs = [
    ...['server', 'start-dev', '--headless', '--ip', '127.0.0.1', '--port', String(port)],
    ...['--log-level', 'never', '--db-filename', join(folder, 'temporal.db')],
    ...(historyLimit === undefined
      ? []
      : ['--dynamic-config-value', `limit.historyCount.suggestContinueAsNew=${historyLimit}`]),
  ];
  const starters = { server: () => spawn(cli, serverArgs, { stdio: 'ignore' }) };
  const startWorker = (name) => {
    const shift = clocks[name][started[name] % clocks[name].length];
    const id = `${name}.${started[name]}${shift === 0 ? '' : ` (clock ${shift} ms)`}`;
    const args = [`127.0.0.1:${relays[name].port}`, emulator.url, folder, id, sources.url];
    return fork(script('worker-process.js'), args, {
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      execArgv: ['--import', script('shifted-clock.js')],
      env: { ...process.env, CLOCK_SHIFT_MS: String(shift), ...TRUST },
    });
  };

  let shiftedClocks = 0;
  const start = (name) => {
    if (name in clocks) {
      started[name] = (started[name] ?? -1) + 1;
      if (clocks[name][started[name] % clocks[name].length] !== 0) shiftedClocks += 1;
    }
    processes.set(name, (starters[name] ?? startWorker)(name));
  };
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
  for (const worker of Object.keys(clocks)) start(worker);
  return {
    connection,
    emulator,
    sources,
    relays,
    /** How many processes of workers had a wrong clock. */
    shiftedClocks: () => shiftedClocks,
    start,
    kill,
    async close() {
      await Promise.all([...processes.keys()].map(kill));
      await connection.close();
      await Promise.all(Object.values(relays).map((relay) => relay.close()));
      await Promise.all([emulator, sources].map((service) => service.call('close')));
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
