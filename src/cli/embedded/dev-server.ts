import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { logSize, logTail } from './log-file.js';
import { stateFiles } from './paths.js';
import { freePort, readPorts, rememberPorts } from './ports.js';
import type { EmbeddedAddresses } from './protocol.js';
import { untilAnswering } from './readiness.js';
import { run } from './run.js';

const STOP_PATIENCE_MS = 5000;
const START_ATTEMPTS = 3;

export interface DevServerOptions {
  readonly stateDir: string;
  /** The Temporal CLI's executable. */
  readonly cli: string;
  /** Ends a start that nobody waits for any more. */
  readonly signal: AbortSignal;
  /** Called the moment the process is there, long before it answers. */
  readonly onSpawn: (pid: number) => void;
}

export interface DevServer {
  readonly addresses: EmbeddedAddresses;
  /** Resolves with words about how it ended. */
  readonly exited: Promise<string>;
  stop(): Promise<void>;
}

/** Starts Temporal's dev server on the state folder's database. Its output goes to the log in the state folder. */
export async function startDevServer(options: DevServerOptions): Promise<DevServer> {
  const { ports: portsFile } = stateFiles(options.stateDir);
  const extra = await extraArguments(options.cli);
  let preferred = readPorts(portsFile);
  for (let attempt = 1; ; attempt++) {
    const ports = { grpc: await freePort(preferred.grpc), ui: await freePort(preferred.ui) };
    options.signal.throwIfAborted();
    try {
      const server = await attemptStart(options, ports, extra);
      rememberPorts(portsFile, ports);
      return server;
    } catch (error) {
      if (!(error instanceof PortTakenError) || attempt === START_ATTEMPTS) throw error;
      preferred = {};
    }
  }
}

/** Another program took the port between our look at it and the server's. */
class PortTakenError extends Error {}

async function attemptStart(
  options: DevServerOptions,
  ports: { grpc: number; ui: number },
  extra: readonly string[],
): Promise<DevServer> {
  const { database, log } = stateFiles(options.stateDir);
  const logStart = logSize(log);
  const output = openSync(log, 'a');
  const child = spawn(
    options.cli,
    [
      ...['server', 'start-dev', '--ip', '127.0.0.1', '--ui-ip', '127.0.0.1'],
      ...['--port', String(ports.grpc), '--ui-port', String(ports.ui)],
      ...['--db-filename', database, '--log-level', 'error', ...extra],
    ],
    { stdio: ['ignore', output, output], windowsHide: true },
  );
  closeSync(output);
  if (child.pid !== undefined) options.onSpawn(child.pid);
  const exited = exitOf(child);
  const address = `127.0.0.1:${ports.grpc}`;
  const waiting = new AbortController();
  try {
    const serverVersion = await Promise.race([
      untilAnswering(address, ports.ui, AbortSignal.any([options.signal, waiting.signal])),
      exited.then((how) => {
        throw startFailure(how, logTail(log, logStart), database);
      }),
    ]);
    const addresses = {
      address,
      namespace: 'default',
      uiUrl: `http://127.0.0.1:${ports.ui}`,
      serverVersion,
    };
    return { addresses, exited, stop: () => stop(child, exited) };
  } catch (error) {
    waiting.abort();
    await stop(child, exited);
    throw error;
  }
}

function startFailure(how: string, output: string, database: string): Error {
  const said = output === '' ? 'it said nothing' : `it said: ${output}`;
  if (/address already in use/i.test(output))
    return new PortTakenError(`Temporal's dev server ${how}; ${said}`);
  const hint = /sqlite|schema|no such (table|column)|not a database/i.test(output)
    ? ` Its database is ${database}: if it is damaged or was written by a newer server, set TEMPORAL_CLI to a newer Temporal CLI or move it away.`
    : '';
  return new Error(`Temporal's dev server ${how} before it answered; ${said}.${hint}`);
}

function exitOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve) => {
    child.once('error', (error) => resolve(`could not be run (${error.message})`));
    child.once('exit', (code, signal) =>
      resolve(signal === null ? `ended (exit ${code})` : `ended (${signal})`),
    );
  });
}

async function stop(child: ChildProcess, exited: Promise<string>): Promise<void> {
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), STOP_PATIENCE_MS);
  await exited;
  clearTimeout(timer);
}

/** Older CLIs know no way to keep the Web UI from asking for news, and refuse to start with a flag they do not know. */
async function extraArguments(cli: string): Promise<string[]> {
  const flag = '--ui-disable-news-fetch';
  const { output } = await run(cli, ['server', 'start-dev', '--help'], {
    env: process.env,
    timeoutMs: 10_000,
  });
  return output.includes(flag) ? [flag] : [];
}
