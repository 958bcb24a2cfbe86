/** Which servers may be started on a database: an older one than has written it may damage it. The database itself has no version. */

import type { CliAnswers } from './executable.js';

/** A database that there is already. */
export interface Database {
  readonly path: string;
  /** Version of the last server on it; undefined if that is not known. */
  readonly serverVersion?: string | undefined;
}

type Cli = Pick<CliAnswers, 'cliVersion' | 'serverVersion'> & { readonly path: string };

/** Why the server of the CLI must not be started on the database; undefined if it may. */
export function whyTooOld(cli: Cli, database: Database | undefined): string | undefined {
  const written = database?.serverVersion;
  if (database === undefined || written === undefined || !isNewer(written, cli.serverVersion))
    return undefined;
  return (
    `the database ${database.path} was written by Temporal server ${written}, which is newer than the server ${cli.serverVersion} of ` +
    `${cli.path} (Temporal CLI ${cli.cliVersion})`
  );
}

/** Checks a CLI that is the only candidate. @throws Error that says what to do if its server is too old for the database */
export function assertNotTooOld(cli: Cli, database: Database | undefined): void {
  const reason = whyTooOld(cli, database);
  if (reason === undefined) return;
  throw new Error(
    `The embedded Temporal server cannot be started: ${reason}. Set TEMPORAL_CLI to a newer Temporal CLI, or ${EMPTY_FOLDER}.`,
  );
}

/** What else helps if a database is too new. */
export const EMPTY_FOLDER = 'move the state folder away to start with an empty one';

/** Compares major.minor: patch releases do not change the database's schema. */
export function isNewer(a: string, b: string): boolean {
  const [minorA, minorB] = [a, b].map((version) => /^\d+\.\d+/.exec(version)?.[0]);
  if (minorA === undefined || minorB === undefined) return false;
  return minorA.localeCompare(minorB, 'en', { numeric: true }) > 0;
}
