/** What the embedded server needs, which `upload` uses if no Temporal server is configured. */

import { execFile } from 'node:child_process';
import { constants, existsSync } from 'node:fs';
import { access, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { readDevServerStatus, stateDirectory } from '../dev-server/index.js';
import { answers } from '../other-servers.js';
import { DEFAULT_ADDRESS } from '../temporal-target.js';
import { locateTemporalCli } from '../temporal-cli/index.js';
import { errorMessage } from '../../util/error-message.js';
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
      ? `A Temporal server answers at ${DEFAULT_ADDRESS}. worker and sweep use it. For upload, status and doctor, give --address ${DEFAULT_ADDRESS} or set TEMPORAL_ADDRESS.`
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

/** Leaves nothing behind: if the folder does not exist yet, the nearest one above it counts. */
async function checkStateFolder(configured: boolean): Promise<Check> {
  const fix = 'Make it writable for this user, or set XDG_STATE_HOME to a folder of yours.';
  let folder: string | undefined;
  try {
    folder = stateDirectory();
    let nearest = folder;
    while (!existsSync(nearest) && dirname(nearest) !== nearest) nearest = dirname(nearest);
    await access(nearest, constants.R_OK | constants.W_OK | constants.X_OK);
    await tryToWrite(nearest);
    return passed(
      'state folder',
      `${folder} is writable${nearest === folder ? '' : ' (it will be created)'}`,
    );
  } catch (error) {
    if (configured) return passed('state folder', 'not writable, and not needed with a Temporal configured');
    const detail = folder === undefined ? errorMessage(error) : `${folder}: ${errorMessage(error)}`;
    return failed('state folder', detail, fix);
  }
}

/** The permissions do not tell of a full disk, or of a file system that takes no new folder, such as `/proc`. */
async function tryToWrite(folder: string): Promise<void> {
  const trial = await mkdtemp(join(folder, '.temporal-gemini-files-'));
  try {
    await writeFile(join(trial, 'trial'), Buffer.alloc(TRIAL_BYTES));
  } finally {
    await rm(trial, { recursive: true, force: true });
  }
}

async function checkCli(configured: boolean): Promise<Check> {
  try {
    const { path, source, cliVersion, serverVersion } = await locateTemporalCli();
    return passed('temporal cli', `${path} (${source}), ${cliVersion} with server ${serverVersion}`);
  } catch (error) {
    if (configured) return passed('temporal cli', 'not found, and not needed with a Temporal configured');
    if (!process.env.TEMPORAL_CLI && (await hasPip()))
      return passed('temporal cli', 'not found: the first upload installs it into the cache');
    return failed(
      'temporal cli',
      summaryOf(errorMessage(error)),
      'Install it (https://docs.temporal.io/cli), set TEMPORAL_CLI to its path, or make pip for Python 3 available.',
    );
  }
}

/** The message names what was tried, a line each, and then what to do, which this check says itself. */
function summaryOf(message: string): string {
  const [what = '', ...lines] = message.split('\n');
  const tried = lines.filter((line) => line.startsWith('  ')).map((line) => line.trim());
  return [what, ...tried].join(' ');
}

async function hasPip(): Promise<boolean> {
  const pip = promisify(execFile)('python3', ['-m', 'pip', '--version'], { timeout: 20_000 });
  return pip.then(
    () => true,
    () => false,
  );
}
