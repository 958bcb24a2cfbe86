/** What the embedded server needs, which `upload` uses if no Temporal server is configured. */

import { constants, existsSync } from 'node:fs';
import { access, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { readDatabase, readDevServerStatus, stateDirectory } from '../dev-server/index.js';
import { answers } from '../other-servers.js';
import { DEFAULT_ADDRESS } from '../temporal-target.js';
import { locateTemporalCli, TemporalCliNotFoundError, type Database } from '../temporal-cli/index.js';
import { errorMessage } from '../../util/error-message.js';
import { adviseOnFolder } from '../../util/folder-advice.js';
import { userFolder } from '../../util/user-folder.js';
import { count } from '../terminal/format.js';
import { failed, passed, type Check } from './check.js';

/** More than any file system keeps in the entry of a folder. */
const TRIAL_BYTES = 64 * 1024;

export async function checkDevServer(configured: boolean): Promise<Check[]> {
  return [
    ...(configured ? [] : [await checkServer()]),
    await checkStateFolder(configured),
    await checkCli(configured),
  ];
}

async function checkServer(): Promise<Check> {
  const none = 'none configured: upload starts its own dev server, which';
  const status = statusIfAny();
  if (status === undefined) {
    const other = (await answers(DEFAULT_ADDRESS))
      ? `A Temporal server answers at ${DEFAULT_ADDRESS}. worker and sweep use it. For upload, wait, status and doctor, give --address ${DEFAULT_ADDRESS} or set TEMPORAL_ADDRESS.`
      : undefined;
    return passed('temporal', `${none} does not run now`, other);
  }
  const { pid, emulatorPid, address, uiUrl, serverVersion, users } = status;
  const pids = emulatorPid === undefined ? `process ${pid}` : `process ${pid}, emulator ${emulatorPid}`;
  const detail = `${none} runs at ${address} (${pids}), server ${serverVersion}, Web UI ${uiUrl}`;
  return users > 0
    ? passed('temporal', `${detail}, used by ${count(users, 'command')}`)
    : passed(
        'temporal',
        `${detail}, used by no command`,
        'A command was killed, or a run is open. The next upload or status uses this server, and stops it when no run is open.',
      );
}

function statusIfAny() {
  try {
    return readDevServerStatus(stateDirectory());
  } catch {
    return undefined; // The check of the state folder says why.
  }
}

async function checkStateFolder(configured: boolean): Promise<Check> {
  let folder: string | undefined;
  try {
    folder = stateDirectory();
    const exists = await tryToWrite(folder);
    return passed('state folder', `${folder} is writable${exists ? '' : ' (it will be created)'}`);
  } catch (error) {
    if (configured) return passed('state folder', 'not writable, and not needed with a Temporal configured');
    return notWritable('state folder', folder, error, 'XDG_STATE_HOME');
  }
}

function notWritable(name: string, folder: string | undefined, error: unknown, variable: string): Check {
  const reason = errorMessage(error);
  return failed(
    name,
    folder === undefined ? reason : `${folder}: ${reason}`,
    adviseOnFolder(reason, variable),
  );
}

/**
 * The permissions do not tell of a full disk, or of a file system that takes no new folder, such as `/proc`.
 *
 * @returns whether the folder exists; if it does not, the nearest one above it was tried
 */
async function tryToWrite(folder: string): Promise<boolean> {
  let nearest = folder;
  while (!existsSync(nearest) && dirname(nearest) !== nearest) nearest = dirname(nearest);
  await access(nearest, constants.R_OK | constants.W_OK | constants.X_OK);
  const trial = await mkdtemp(join(nearest, '.temporal-gemini-files-'));
  try {
    await writeFile(join(trial, 'trial'), Buffer.alloc(TRIAL_BYTES));
  } finally {
    await rm(trial, { recursive: true, force: true });
  }
  return nearest === folder;
}

async function checkCli(configured: boolean): Promise<Check> {
  try {
    const { path, source, cliVersion, serverVersion } = await locateTemporalCli({
      database: databaseIfAny(),
    });
    return passed('temporal cli', `${path} (${source}), ${cliVersion} with server ${serverVersion}`);
  } catch (error) {
    if (configured)
      return passed('temporal cli', 'none can be used, and none is needed with a Temporal configured');
    if (error instanceof TemporalCliNotFoundError && error.installableBy !== undefined)
      return await checkCache(error.installableBy);
    return failed(
      'temporal cli',
      summaryOf(errorMessage(error)),
      'Install it (https://docs.temporal.io/cli), set TEMPORAL_CLI to its path, install @temporalio/testing, or make pip for Python 3 available.',
    );
  }
}

function databaseIfAny(): Database | undefined {
  try {
    return readDatabase(stateDirectory());
  } catch {
    return undefined; // The check of the state folder says why.
  }
}

/**
 * Where the first upload installs the Temporal CLI.
 *
 * @param installableBy - what does the work
 */
async function checkCache(installableBy: string): Promise<Check> {
  let folder: string | undefined;
  try {
    folder = userFolder('cache', process.env);
    await tryToWrite(folder);
    return passed(
      'temporal cli',
      `not found: the first upload installs it into the cache with ${installableBy}`,
    );
  } catch (error) {
    return notWritable('temporal cli', folder && `not found, and ${folder}`, error, 'XDG_CACHE_HOME');
  }
}

/** The message names what was tried, a line each, and then what to do, which this check says itself. */
function summaryOf(message: string): string {
  const [what = '', ...lines] = message.split('\n');
  const tried = lines.filter((line) => line.startsWith('  ')).map((line) => line.trim());
  return [what, ...tried].join(' ');
}
