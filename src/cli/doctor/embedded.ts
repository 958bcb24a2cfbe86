/** What the embedded server needs, which `upload` uses where no Temporal is configured. */

import { execFile } from 'node:child_process';
import { constants, existsSync } from 'node:fs';
import { access } from 'node:fs/promises';
import { dirname } from 'node:path';
import { promisify } from 'node:util';
import { locateTemporalCli, readEmbeddedLock, stateDirectory } from '../embedded/index.js';
import { failed, messageOf, passed, type Check } from './check.js';

export async function checkEmbedded(configured: boolean): Promise<Check[]> {
  return [
    ...(configured ? [] : [await checkServer()]),
    await checkStateFolder(configured),
    await checkCli(configured),
  ];
}

async function checkServer(): Promise<Check> {
  const embedded = await readEmbeddedLock(stateDirectory()).catch(() => undefined);
  const running =
    embedded?.alive && embedded.server
      ? `runs at ${embedded.server.address}, server ${embedded.server.serverVersion}, Web UI ${embedded.server.uiUrl}`
      : 'does not run now';
  return passed('temporal', `none configured: upload starts its own dev server, which ${running}`);
}

/** Looks only, and makes nothing: where the folder is not there yet, the nearest one above it counts. */
async function checkStateFolder(configured: boolean): Promise<Check> {
  const folder = stateDirectory();
  let nearest = folder;
  while (!existsSync(nearest) && dirname(nearest) !== nearest) nearest = dirname(nearest);
  try {
    await access(nearest, constants.R_OK | constants.W_OK | constants.X_OK);
    return passed('state folder', `${folder} is writable${nearest === folder ? '' : ' (it will be made)'}`);
  } catch (error) {
    if (configured) return passed('state folder', 'not writable, and not needed with a Temporal configured');
    const fix = 'Make it writable for this user, or set XDG_STATE_HOME to a folder of yours.';
    return failed('state folder', `${folder}: ${messageOf(error)}`, fix);
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
      messageOf(error).split('\n', 1)[0] ?? '',
      'Install it (https://docs.temporal.io/cli), set TEMPORAL_CLI to its path, or make pip for Python 3 available.',
    );
  }
}

async function hasPip(): Promise<boolean> {
  const ask = promisify(execFile)('python3', ['-m', 'pip', '--version'], { timeout: 20_000 });
  return ask.then(
    () => true,
    () => false,
  );
}
