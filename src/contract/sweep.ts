/** The sweep: files whose workflow was ended without a chance to clean up. */

import * as v from 'valibot';
import { parseDuration, type Duration } from './duration.js';
import { InvalidOptionsError } from './errors.js';
import { FILE_LIFETIME_MS } from './file.js';
import { flag, text } from './options.js';
import { shorten, show } from './show.js';

/** Input of the workflow `sweepAbandonedFiles`. */
export interface SweepOptions {
  /**
   * Which workflows to look at, as a Temporal list filter, in place of this package's own types: for your workflows that
   * upload inline. Only those closed as terminated or timed out in the last 48 hours are looked at in any case.
   */
  readonly query?: string;
  /** Only workflows that have been closed for this long: an upload that was under way has ended by then. @default '10m' */
  readonly olderThan?: Duration;
  /** Find, and delete nothing. @default false */
  readonly dryRun?: boolean;
}

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
}

export type SweepOutcome = 'deleted' | 'found' | 'failed';

export interface SweptFile extends AbandonedFile {
  /** `found` on a dry run. A file that was not there any more counts as deleted. */
  readonly outcome: SweepOutcome;
  /** Why it could not be deleted. */
  readonly error?: string;
}

/** Result of the workflow and of the command. */
export interface SweepResult {
  readonly dryRun: boolean;
  readonly found: number;
  readonly deleted: number;
  readonly failed: number;
  readonly files: readonly SweptFile[];
}

export const SWEEP_DEFAULTS = { olderThan: '10m', dryRun: false } as const;

export const SWEEP_BOUNDS = {
  queryLength: 2000,
  /** Nothing older is looked at. */
  maxOlderThan: FILE_LIFETIME_MS,
} as const;

const SweepOptionsSchema = v.strictObject({
  query: v.optional(text(SWEEP_BOUNDS.queryLength)),
  olderThan: v.optional(
    v.custom<Duration>((value) => {
      const ms = parseDuration(value);
      return ms !== undefined && ms <= SWEEP_BOUNDS.maxOlderThan;
    }, "expected a duration such as '10m', at most 48 hours"),
    SWEEP_DEFAULTS.olderThan,
  ),
  dryRun: v.optional(flag, SWEEP_DEFAULTS.dryRun),
});

/** @throws InvalidOptionsError that names the field and its value */
export function resolveSweepOptions(input: unknown): FindAbandonedInput & { readonly dryRun: boolean } {
  const parsed = v.safeParse(SweepOptionsSchema, input ?? {});
  if (!parsed.success) {
    const [issue] = parsed.issues;
    const value = show(issue.path?.at(-1)?.value ?? issue.input);
    throw new InvalidOptionsError(
      `Invalid option ${shorten(v.getDotPath(issue) ?? 'input')}: ${issue.message}, got ${value}`,
    );
  }
  const { query, olderThan, dryRun } = parsed.output;
  return { ...(query !== undefined && { query }), olderThanMs: parseDuration(olderThan) ?? 0, dryRun };
}

export function summarise(files: readonly SweptFile[], dryRun: boolean): SweepResult {
  const count = (outcome: SweepOutcome) => files.filter((file) => file.outcome === outcome).length;
  return { dryRun, found: files.length, deleted: count('deleted'), failed: count('failed'), files };
}
