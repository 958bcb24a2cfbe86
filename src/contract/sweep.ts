/** The sweep: files whose workflow was ended without a chance to clean up. */

import {
  assertKnownOptions,
  defaulted,
  invalidOption,
  optional,
  readFields,
  type InputOf,
} from './fields.js';
import { FILE_LIFETIME_MS } from './file.js';
import { boolean, duration, text } from './kinds.js';

export const SWEEP_BOUNDS = {
  queryLength: 2000,
  /** Nothing older is looked at. */
  maxOlderThan: FILE_LIFETIME_MS,
  fingerprintLength: 64,
} as const;

export const SWEEP_FIELDS = {
  /**
   * Which workflows to look at, as a Temporal list filter, for example `WorkflowType = 'transcribe'`. Without it, only
   * runs of this package's own workflow types are searched, so give it for workflows that call the functions inline. It
   * replaces those types: to search both, name them too. Of the runs that it matches, only those that were terminated or
   * timed out in the last 48 hours are searched. All files that such a run uploaded count as abandoned, so leave out
   * workflows that hand their files to others before they end.
   */
  query: optional(text(SWEEP_BOUNDS.queryLength)),
  /** Only workflows that have been closed for this long: an upload that was under way has ended by then. @default '10m' */
  olderThan: defaulted(duration(0, SWEEP_BOUNDS.maxOlderThan), '10m'),
  /** Find, and delete nothing. @default false */
  dryRun: defaulted(boolean, false),
};

/** Input of the workflow `sweepAbandonedFiles`. */
export type SweepOptions = InputOf<typeof SWEEP_FIELDS>;

/** Input of `geminiFilesFindAbandoned`. */
export interface FindAbandonedInput {
  readonly query?: string | undefined;
  readonly olderThanMs: number;
}

export interface AbandonedFile {
  /** `files/<id>`, chosen by the workflow. */
  readonly name: string;
  readonly workflowId: string;
  readonly runId: string;
  /** The credentials profile that it was uploaded under. */
  readonly credentials?: string;
  /** Fingerprint of the API key that uploaded it; absent if the history does not have it. */
  readonly keyFingerprint?: string;
}

/** A terminated or timed out run whose files were left alone. */
export interface LeftRun {
  readonly workflowId: string;
  readonly runId: string;
  /**
   * `unreadable`: its history cannot be read or decoded, so files of it may be left. `skipped`: it is not known which files
   * another run of the same workflow id needs; the next sweep tries again.
   */
  readonly outcome: 'unreadable' | 'skipped';
  readonly reason: string;
}

/** Result of `geminiFilesFindAbandoned`. */
export interface AbandonedSearch {
  readonly files: readonly AbandonedFile[];
  readonly unreadable: number;
  readonly skipped: number;
  /** The first 200 of those. */
  readonly runs: readonly LeftRun[];
}

/** Result of `geminiFilesDeleteAbandoned`. */
export interface AbandonedDeletion {
  readonly outcome: 'deleted' | 'kept';
  /** Why it was kept. */
  readonly reason?: string;
}

export type SweepOutcome = 'deleted' | 'found' | 'failed' | 'kept';

export interface SweptFile extends AbandonedFile {
  /**
   * `found` on a dry run. A file that was not there any more counts as deleted. `kept`: since it was found, a run has
   * started that needs it, or may need it.
   */
  readonly outcome: SweepOutcome;
  /** Why it was not deleted. */
  readonly error?: string;
}

/** Result of the workflow and of the command. */
export interface SweepResult {
  readonly dryRun: boolean;
  readonly found: number;
  readonly deleted: number;
  readonly failed: number;
  readonly kept: number;
  readonly files: readonly SweptFile[];
  /** Terminated and timed out runs that could not be read. */
  readonly unreadable: number;
  /** Those whose files another run of the same workflow id may need. */
  readonly skipped: number;
  /** The first 200 of the unreadable and the skipped runs, by name. */
  readonly runs: readonly LeftRun[];
}

/** How many unreadable and skipped runs a result names: it has to fit into a payload. */
export const MAX_RUNS_NAMED = 200;

/** @throws InvalidOptionsError that names the field and its value */
export function resolveSweepOptions(input: unknown): FindAbandonedInput & { readonly dryRun: boolean } {
  const given: unknown = input ?? {};
  assertKnownOptions(SWEEP_FIELDS, given, 'one object');
  const { query, olderThan, dryRun } = readFields(SWEEP_FIELDS, given, invalidOption);
  return { query, olderThanMs: olderThan, dryRun };
}

/**
 * The loop of a sweep, of the workflow and of the command. One file after the other: there is no hurry, and uploads share
 * the provider's limits.
 *
 * @param remove - never throws for a delete that failed
 */
export async function sweepFiles(
  { files: found, ...left }: AbandonedSearch,
  dryRun: boolean,
  remove: (file: AbandonedFile) => Promise<Pick<SweptFile, 'outcome' | 'error'>>,
): Promise<SweepResult> {
  const files: SweptFile[] = [];
  for (const file of found) files.push({ ...file, ...(dryRun ? { outcome: 'found' } : await remove(file)) });
  const count = (outcome: SweepOutcome) => files.filter((file) => file.outcome === outcome).length;
  const counts = { deleted: count('deleted'), failed: count('failed'), kept: count('kept') };
  return { dryRun, found: files.length, ...counts, files, ...left };
}
