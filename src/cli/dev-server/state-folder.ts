import { randomUUID } from 'node:crypto';
import { chmodSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { errorMessage } from '../../util/error-message.js';
import { adviseOnFolder, saysDiskFull } from '../../util/folder-advice.js';
import { makeFolder } from '../../util/make-folder.js';
import { userFolder } from '../../util/user-folder.js';

export type Env = Readonly<Record<string, string | undefined>>;

export const stateDirectory = (env: Env = process.env): string => userFolder('state', env);

export function stateFiles(stateDir: string) {
  return {
    serverLog: join(stateDir, 'dev-server.log'),
    emulatorFiles: join(stateDir, 'emulator-files.json'),
    emulatorLog: join(stateDir, 'emulator.log'),
    record: join(stateDir, 'server.json'),
    /** Markers of the commands that use the server. */
    users: join(stateDir, 'users'),
    /** Markers of the commands that want to start or stop a server. */
    lock: join(stateDir, 'lock'),
  };
}

/** Creates the folder. It is for the user alone, even if an earlier umask or a copy has opened it to others. */
export function prepareStateDirectory(stateDir: string): void {
  makeFolder(stateDir, 0o700);
  chmodSync(stateDir, 0o700);
  // SQLite gives its journals the database's own mode.
  const database = findDatabase(stateDir);
  if (database !== undefined) chmodSync(database, 0o600);
}

/** The database of the state folder; undefined if there is none yet. */
export function findDatabase(stateDir: string): string | undefined {
  const name = readdirSync(stateDir).find((file) => /^temporal(-[\w-]+)?\.db$/.test(file));
  return name === undefined ? undefined : join(stateDir, name);
}

/** Whether the embedded server has ever had runs. */
export function hasEmbeddedDatabase(stateDir: string = stateDirectory()): boolean {
  return databaseIfAny(stateDir) !== undefined;
}

export function databaseIfAny(stateDir: string): string | undefined {
  try {
    return findDatabase(stateDir);
  } catch {
    return undefined; // There is no such folder.
  }
}

/**
 * A path that no database has had before. If a state folder is deleted under a server and created again, that server would take the
 * journal of a new database at the old path for its own, and delete it.
 */
export const newDatabase = (stateDir: string): string => join(stateDir, `temporal-${randomUUID()}.db`);

/** System calls about a socket or a process: a folder is not what they lack. */
const NO_FILE = /^(listen|bind|connect|kill|spawn|getaddrinfo)/;

/** What this process or this machine has run out of, whatever the folder is. */
const TOO_MANY_OPEN: readonly unknown[] = ['EMFILE', 'ENFILE'];

/** Whether the system call that failed was about a file or a folder. */
export function isFileError(error: unknown): boolean {
  if (!(error instanceof Error) || !('code' in error) || !('syscall' in error)) return false;
  return !NO_FILE.test(String(error.syscall)) && !TOO_MANY_OPEN.includes(error.code);
}

/** Explains an error of the file system, such as a full disk, also of a server. Returns other errors as they are. */
export function explainFileError(stateDir: string, error: unknown): unknown {
  const reason = errorMessage(error);
  if (!isFileError(error) && !saysDiskFull(reason)) return error;
  return new Error(
    `The state folder ${stateDir} of the embedded Temporal server cannot be used: ${reason}. ` +
      adviseOnFolder(reason, 'XDG_STATE_HOME'),
    { cause: error },
  );
}
