import { existsSync } from 'node:fs';
import type { CliVersions } from './executable.js';
import { readJson, writeJson } from './json-file.js';
import { stateFiles } from './paths.js';

/** The dev server's database says nothing of its own version, so the version that wrote it last is kept beside it. */
export function rememberVersion(stateDir: string, versions: CliVersions): void {
  writeJson(stateFiles(stateDir).version, versions);
}

/** Throws where the database was last written by a newer server than this CLI carries: an older one may damage it. */
export function refuseNewerDatabase(stateDir: string, cli: CliVersions & { path: string }): void {
  const { database, version } = stateFiles(stateDir);
  const written = (readJson(version) as Partial<CliVersions> | null | undefined)?.serverVersion;
  if (typeof written !== 'string' || !existsSync(database) || !isNewer(written, cli.serverVersion)) return;
  throw new Error(
    `The database ${database} was written by Temporal server ${written}, which is newer than the server ${cli.serverVersion} of ${cli.path} ` +
      `(Temporal CLI ${cli.cliVersion}). Set TEMPORAL_CLI to a newer Temporal CLI, or move the database away to start with an empty one.`,
  );
}

/** Whether a's major.minor is above b's; patch releases leave the database's layout alone. */
export function isNewer(a: string, b: string): boolean {
  const [aMajor = 0, aMinor = 0] = a.split('.').map((part) => Number.parseInt(part, 10));
  const [bMajor = 0, bMinor = 0] = b.split('.').map((part) => Number.parseInt(part, 10));
  return aMajor > bMajor || (aMajor === bMajor && aMinor > bMinor);
}
