import { chmodSync, existsSync, mkdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { hostLives } from './acquire-lock.js';
import { ControlClient } from './control-client.js';
import { readLatestLock } from './lock.js';
import { logSize, logTail } from './log-file.js';
import { stateDirectory, stateFiles, type Env } from './paths.js';
import { endOrphan } from './process-info.js';
import type { EmbeddedAddresses } from './protocol.js';
import { reason } from './run.js';
import { spawnHost } from './spawn-host.js';
import { findTemporalCli, type TemporalCli } from './temporal-cli.js';

const READY_MS = 30_000;

export interface AttachOptions {
  /** @default `$XDG_STATE_HOME/temporal-gemini-files` */
  readonly stateDir?: string;
  /** Whether the Gemini Files emulator is wanted too. */
  readonly emulator?: boolean;
  readonly onProgress?: (message: string) => void;
  /** @default process.env */
  readonly env?: Env;
}

export interface EmbeddedServer extends EmbeddedAddresses {
  readonly stateDir: string;
  /** Calls back once if the server is gone before `release` was called. */
  onLost(callback: (reason: Error) => void): void;
  /** Leaves the server. Where this was its last user, resolves when it has ended and no process is left. */
  release(): Promise<void>;
}

/** Joins the embedded Temporal server of the state folder, and starts it where it does not run yet. */
export async function attachEmbedded(options: AttachOptions = {}): Promise<EmbeddedServer> {
  const env = options.env ?? process.env;
  const stateDir = resolve(options.stateDir ?? stateDirectory(env));
  prepareStateDirectory(stateDir);
  const { log } = stateFiles(stateDir);
  const logStart = logSize(log);
  let deadline = Date.now() + READY_MS;
  let cli: TemporalCli | undefined;
  for (;;) {
    const { lock } = readLatestLock(stateDir);
    const control =
      lock !== undefined && lock.endedAt === undefined
        ? await ControlClient.open(lock, stateDir, { emulator: options.emulator === true })
        : undefined;
    if (control !== undefined) {
      const outcome = await control
        .ready(Math.max(0, deadline - Date.now()))
        .catch(async (error: unknown) => {
          await control.leave();
          throw error;
        });
      if (typeof outcome === 'object') return embeddedServer(stateDir, control, outcome);
      control.drop();
      if (outcome === 'ended') continue;
    }
    if (Date.now() >= deadline) {
      throw new Error(
        `The embedded Temporal server was not ready within ${READY_MS / 1000} s. ${log} says: ${logTail(log, logStart) || 'nothing'}`,
      );
    }
    const before = Date.now();
    cli ??= await findTemporalCli(options);
    deadline += Date.now() - before; // An installation may take its time.
    options.onProgress?.(`Starting the embedded Temporal server (state in ${stateDir}) …`);
    await spawnHost(stateDir, cli, env, Math.max(1, deadline - Date.now()));
  }
}

function embeddedServer(
  stateDir: string,
  control: ControlClient,
  addresses: EmbeddedAddresses,
): EmbeddedServer {
  control.unref();
  let released: Promise<void> | undefined;
  return {
    ...addresses,
    stateDir,
    onLost: (callback) => control.onLost(callback),
    release: () => (released ??= leave()),
  };

  async function leave(): Promise<void> {
    const { lock } = readLatestLock(stateDir);
    await control.leave();
    // After a kill -9 of the host its server runs on; unless a new host has taken over, that is ours to end.
    const orphan = control.endedInOrder ? undefined : lock?.serverPid;
    if (lock !== undefined && orphan !== undefined && !(await hostLives(lock, stateDir))) {
      await endOrphan(orphan, stateFiles(stateDir).database);
    }
  }
}

/** For the user alone, also where an earlier umask or a copy has left the folder open to others. */
function prepareStateDirectory(stateDir: string): void {
  try {
    mkdirSync(stateDir, { recursive: true, mode: 0o700 });
    chmodSync(stateDir, 0o700);
    const { database } = stateFiles(stateDir);
    // SQLite gives its journals the database's own mode.
    if (existsSync(database)) chmodSync(database, 0o600);
  } catch (error) {
    throw new Error(
      `The state folder ${stateDir} of the embedded Temporal server cannot be used: ${reason(error)}. Set XDG_STATE_HOME to a folder of yours.`,
      { cause: error },
    );
  }
}
