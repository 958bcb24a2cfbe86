/**
 * The embedded server: Temporal's dev server in a detached process, shared by all commands on one state folder.
 *
 * 1. Only the holder of the lock starts or stops a server.
 * 2. A command that uses the server has a marker below `users`, which it places while it holds the lock and the server answers. As long
 *    as that command runs, no other one stops the server, whether or not it has an open run at the moment.
 * 3. A command that is done removes its marker. It stops the server if there is no other marker and Temporal has no open run.
 * 4. A command that is killed leaves the server running. The next command uses it, and stops it by rule 3.
 */

import { resolve } from 'node:path';
import { errorMessage } from '../../util/error-message.js';
import { endOf, isRunning, stopProcess } from '../../util/process-id.js';
import { ProcessLockError, withProcessLock } from '../../util/process-lock.js';
import { livingMarkers, ProcessMarker } from '../../util/process-marker.js';
import { startEmulator } from './emulator-server.js';
import {
  explainFileError,
  prepareStateDirectory,
  stateDirectory,
  stateFiles,
  type Env,
} from './state-folder.js';
import { readDatabase, readRecord, type ServerRecord } from './server-record.js';
import { READY_MS } from './service.js';
import { findTemporalCli, type TemporalCli } from '../temporal-cli/index.js';
import { hasOpenRun, NAMESPACE, startTemporal, untilAnswering } from './temporal-server.js';
import { watchServers } from './watch.js';
import { unlessAborted } from '../../util/unless-aborted.js';
import { withTimeout } from '../../util/with-timeout.js';

/** More than a command needs to start or stop both servers. */
const LOCK_MS = 90_000;
/** The same for a command that is done. A command that starts a server meanwhile also stops it. */
const RELEASE_LOCK_MS = 5000;

export interface AttachOptions {
  /** The state folder. @default `$XDG_STATE_HOME/temporal-gemini-files` */
  readonly stateDir?: string;
  /** Whether the Gemini Files emulator is needed too. */
  readonly emulator?: boolean;
  /** Called before something slow, and with the reason if the server cannot be released. */
  readonly onProgress?: (message: string) => void;
  /** The environment of the command. @default process.env */
  readonly env?: Env;
  /** Called when Temporal's server has been started and does not answer yet. */
  readonly whileStarting?: () => void;
  /** Ends the wait for an installation of the Temporal CLI. */
  readonly signal?: AbortSignal;
}

export interface DevServer {
  /** host:port of Temporal. */
  readonly address: string;
  readonly namespace: string;
  readonly uiUrl: string;
  readonly emulatorUrl?: string;
  readonly stateDir: string;
  /** Rejects if a server ends, or the state folder is deleted, before `release` is called; never resolves. */
  readonly lost: Promise<never>;
  /** Stops using the server. If nothing else needs it, resolves when no process is left. Never rejects: what was done with the server counts. */
  release(): Promise<void>;
}

/** Uses the embedded server of the state folder, and starts it if it does not run. */
export async function attachDevServer(options: AttachOptions = {}): Promise<DevServer> {
  const { env = process.env, signal, emulator = false, onProgress, whileStarting } = options;
  const stateDir = resolve(options.stateDir ?? stateDirectory(env));
  let cli: TemporalCli | undefined;
  for (;;) {
    const user = await withLock(stateDir, LOCK_MS, () =>
      useServers(stateDir, emulator, env, cli, whileStarting),
    );
    if (user !== undefined) return devServer(stateDir, user, emulator, onProgress);
    // Not while the lock is held: an installation may take minutes.
    const search = findTemporalCli({ ...options, database: readDatabase(stateDir) });
    cli = await unlessAborted(search, signal);
    onProgress?.(`Starting the embedded Temporal server (state in ${stateDir}) …`);
  }
}

/** @returns undefined if the server has to be started and `cli` is missing */
async function useServers(
  stateDir: string,
  withEmulator: boolean,
  env: Env,
  cli: TemporalCli | undefined,
  whileStarting: (() => void) | undefined,
): Promise<ProcessMarker | undefined> {
  const { temporal, emulator } = readRecord(stateDir);
  const temporalRuns = temporal !== undefined && isRunning(temporal);
  if (!temporalRuns && cli === undefined) return undefined;
  const emulatorRuns = emulator !== undefined && isRunning(emulator);
  const starts = await Promise.allSettled([
    temporalRuns ? assertAnswering(temporal) : cli && startTemporal(stateDir, cli, env, whileStarting),
    withEmulator && !emulatorRuns && startEmulator(stateDir, env),
  ]);
  const failure = starts.find(({ status }) => status === 'rejected');
  if (failure === undefined) return ProcessMarker.place(stateFiles(stateDir).users);
  // It was about to end: there is none now.
  if (temporalRuns && !isRunning(temporal))
    return useServers(stateDir, withEmulator, env, cli, whileStarting);
  await stopUnlessNeeded(stateDir).catch(() => undefined); // The first failure is what the user has to know.
  throw (failure as PromiseRejectedResult).reason;
}

/** It may still be starting, if the command that started it was killed. */
async function assertAnswering(server: NonNullable<ServerRecord['temporal']>): Promise<void> {
  const ended = endOf(server);
  try {
    await untilAnswering(server, withTimeout(READY_MS, ended.signal));
  } catch (error) {
    throw new Error(
      `The embedded Temporal server (process ${server.pid}) does not answer. End that process and try again.`,
      { cause: error },
    );
  } finally {
    ended.stop();
  }
}

function devServer(
  stateDir: string,
  user: ProcessMarker,
  withEmulator: boolean,
  say: AttachOptions['onProgress'],
): DevServer {
  const { temporal, emulator } = readRecord(stateDir);
  if (temporal === undefined) throw new Error(`${stateFiles(stateDir).record} has been deleted`);
  const used = { temporal, emulator: withEmulator ? emulator : undefined };
  const watch = watchServers(stateDir, used);
  let released: Promise<void> | undefined;
  return {
    address: `127.0.0.1:${temporal.port}`,
    namespace: NAMESPACE,
    uiUrl: `http://127.0.0.1:${temporal.uiPort}`,
    ...(used.emulator && { emulatorUrl: `http://127.0.0.1:${used.emulator.port}` }),
    stateDir,
    lost: watch.lost,
    release: () =>
      (released ??= release().catch((error: unknown) =>
        say?.(
          `The embedded Temporal server may be left running; the next command that uses it stops it. ${errorMessage(error)}`,
        ),
      )),
  };

  async function release(): Promise<void> {
    watch.stop();
    user.remove();
    if (watch.folderIsDeleted()) {
      // No later command can find these processes, and what they have written is gone.
      for (const server of [temporal, emulator]) if (server) await stopProcess(server, ['SIGKILL']);
      return;
    }
    await withLock(stateDir, RELEASE_LOCK_MS, () => stopUnlessNeeded(stateDir));
  }
}

/** Stops the servers if no command uses them and no run is open. */
async function stopUnlessNeeded(stateDir: string): Promise<void> {
  if (livingMarkers(stateFiles(stateDir).users).length > 0) return;
  const { temporal, emulator } = readRecord(stateDir);
  if (temporal !== undefined && isRunning(temporal)) {
    // A server that does not answer is of no use. The runs are in its database.
    if (await hasOpenRun(temporal.port).catch(() => false)) return;
  }
  await Promise.all([temporal, emulator].flatMap((server) => (server ? stopProcess(server) : [])));
}

async function withLock<T>(stateDir: string, patienceMs: number, work: () => Promise<T>): Promise<T> {
  try {
    prepareStateDirectory(stateDir);
    return await withProcessLock(stateFiles(stateDir).lock, patienceMs, work);
  } catch (error) {
    if (!(error instanceof ProcessLockError)) throw explainFileError(stateDir, error);
    throw new Error(
      `Another command (process ${error.pids.join(', ')}) has been starting or stopping the embedded Temporal server for ` +
        `${patienceMs / 1000} s. If it hangs, end that process and try again.`,
      { cause: error },
    );
  }
}
