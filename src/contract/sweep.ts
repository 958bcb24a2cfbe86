/** The sweep: files whose workflow was ended without a chance to clean up. */

import { assertKnownOptions, defaulted, optional, readFields, type InputOf } from './fields.js';
import { FILE_LIFETIME_MS } from './file.js';
import { boolean, duration, text } from './kinds.js';
import { invalidValue } from './invalid-option.js';

export const SWEEP_BOUNDS = {
  queryLength: 2000,
  /** Nothing older is looked at. */
  maxOlderThan: FILE_LIFETIME_MS,
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

/**
 * Input of the workflow `sweepAbandonedFiles`.
 *
 * @interface
 */
export type SweepOptions = InputOf<typeof SWEEP_FIELDS>;

/** Input of `geminiFilesFindAbandoned`. */
export interface FindAbandonedInput {
  readonly query?: string | undefined;
  readonly olderThanMs: number;
  /** How many files to find at most. Workflows of 0.1.0 do not give it, and are given an array of all files. */
  readonly limit?: number | undefined;
  /** `next` of the search that this one continues. */
  readonly after?: string | undefined;
}

/** A file that a run uploaded and could not delete. */
export interface AbandonedFile {
  /** `files/<id>`, chosen by the workflow. */
  readonly name: string;
  /** Workflow id of the run that uploaded it. */
  readonly workflowId: string;
  /** Run id of the run that uploaded it. */
  readonly runId: string;
  /** The credentials profile that it was uploaded under. */
  readonly credentials?: string;
  /** Fingerprint of the API key that uploaded it; absent if the history does not have it. */
  readonly keyFingerprint?: string;
}

/** A terminated or timed out run whose files were left alone. */
export interface LeftRun {
  /** Workflow id of the run. */
  readonly workflowId: string;
  /** Run id of the run. */
  readonly runId: string;
  /**
   * `unreadable`: its history cannot be read or decoded, so files of it may be left. `skipped`: it is not known which files
   * another run of the same workflow id needs; the next sweep tries again.
   */
  readonly outcome: 'unreadable' | 'skipped';
  /** Why, for people. */
  readonly reason: string;
}

/** Result of `geminiFilesFindAbandoned`. */
export interface AbandonedSearch {
  readonly files: readonly AbandonedFile[];
  readonly unreadable: number;
  readonly skipped: number;
  /** The first 200 of those. */
  readonly runs: readonly LeftRun[];
  /** Where another search continues; absent if there is nothing left to search. */
  readonly next?: string;
}

/** Result of `geminiFilesDeleteAbandoned`. */
export interface AbandonedDeletion {
  readonly outcome: 'deleted' | 'kept';
  /** The provider denied it: it had been deleted before. */
  readonly gone?: true;
  /** Why it was kept. */
  readonly reason?: string;
}

/** What a sweep did with a file; `SweptFile.outcome` says what each means. */
export type SweepOutcome = 'deleted' | 'found' | 'failed' | 'kept';

/** A file that a sweep found, and what became of it. */
export interface SweptFile extends AbandonedFile {
  /**
   * `found` on a dry run. A file that was not there any more counts as deleted. `kept`: since it was found, a run has
   * started that needs it, or may need it.
   */
  readonly outcome: SweepOutcome;
  /** It was not there any more, so this sweep did not delete it. */
  readonly gone?: true;
  /** Why it was not deleted. */
  readonly error?: string;
}

/** Result of the workflow and of the command. */
export interface SweepResult {
  /** Whether nothing was to be deleted. */
  readonly dryRun: boolean;
  /** How many abandoned files were found. */
  readonly found: number;
  /** How many of them are deleted. */
  readonly deleted: number;
  /** Those of the deleted that were not there any more: another sweep, or a clean-up, has deleted them. */
  readonly gone: number;
  /** How many of them could not be deleted; the next sweep tries again. */
  readonly failed: number;
  /** How many of them were kept, because a run needs them, or may need them. */
  readonly kept: number;
  /** The files by name. The workflow names as many of the first as fit into its result (500 kB); the counts are of all. */
  readonly files: readonly SweptFile[];
  /** Terminated and timed out runs that could not be read. */
  readonly unreadable: number;
  /** Those whose files another run of the same workflow id may need. */
  readonly skipped: number;
  /** The first 200 of the unreadable and the skipped runs, by name. */
  readonly runs: readonly LeftRun[];
}

/** How many files are found at once. */
export const FILES_PER_SEARCH = 500;

/** What a result names at most, so that it fits into a payload, which takes 2 MiB: unreadable and skipped runs. */
export const MAX_RUNS_NAMED = 200;
/** The same for its files, in bytes of JSON. */
export const MAX_FILES_NAMED_BYTES = 500_000;

/** @throws InvalidOptionsError that names the field and its value */
export function resolveSweepOptions(input: unknown): FindAbandonedInput & { readonly dryRun: boolean } {
  const given: unknown = input ?? {};
  assertKnownOptions(SWEEP_FIELDS, given, 'one object');
  const { query, olderThan, dryRun } = readFields(SWEEP_FIELDS, given, invalidValue);
  return { query, olderThanMs: olderThan, dryRun };
}
