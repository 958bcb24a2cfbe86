import { homedir } from 'node:os';
import { join, resolve } from 'node:path';

const NAME = 'temporal-gemini-files';

type Kind = 'cache' | 'config' | 'state';

/** Folders below the home folder. On Linux they are those of the XDG base directory specification. */
const PATHS: Readonly<Record<Kind, { linux: string; darwin: string; win32: string }>> = {
  cache: { linux: `.cache/${NAME}`, darwin: `Library/Caches/${NAME}`, win32: `AppData/Local/${NAME}/Cache` },
  config: {
    linux: `.config/${NAME}`,
    darwin: `Library/Preferences/${NAME}`,
    win32: `AppData/Roaming/${NAME}/Config`,
  },
  state: {
    linux: `.local/state/${NAME}`,
    darwin: `Library/Application Support/${NAME}`,
    win32: `AppData/Local/${NAME}/Data`,
  },
};

/**
 * This package's folder of the user: below `$XDG_CACHE_HOME`, `$XDG_CONFIG_HOME` or `$XDG_STATE_HOME`, or at the platform's usual place.
 *
 * @throws Error if the variable is not set and the user has no home folder, as in a container that runs under any user id
 */
export function userFolder(kind: Kind, env: Readonly<Record<string, string | undefined>>): string {
  const variable = `XDG_${kind.toUpperCase()}_HOME`;
  const parent = env[variable];
  if (parent) return resolve(parent, NAME);
  const { platform } = process;
  const paths = PATHS[kind];
  return join(
    homeFolder(variable),
    paths[platform === 'darwin' || platform === 'win32' ? platform : 'linux'],
  );
}

function homeFolder(variable: string): string {
  let home = '';
  let cause: unknown;
  try {
    home = homedir();
  } catch (error) {
    cause = error;
  }
  if (home) return home;
  throw new Error(`This user has no home folder: set HOME, or set ${variable} to a folder of yours.`, {
    cause,
  });
}
