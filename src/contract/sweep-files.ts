/** The result of a sweep, of the workflow and of the command, and the sum of several. */

import { jsonBytes } from '../util/json-bytes.js';
import {
  MAX_FILES_NAMED_BYTES,
  MAX_RUNS_NAMED,
  type AbandonedSearch,
  type SweepOutcome,
  type SweepResult,
  type SweptFile,
} from './sweep.js';

export type DeleteOutcome = Pick<SweptFile, 'outcome' | 'gone' | 'error'>;

/**
 * The result of one search.
 *
 * @param search - what was found
 * @param files - its files, each with what became of it. They are deleted one after the other, because uploads share the provider's limits
 */
export function sweepResult(
  { unreadable, skipped, runs }: Omit<AbandonedSearch, 'files'>,
  dryRun: boolean,
  files: readonly SweptFile[],
): SweepResult {
  const count = (outcome: SweepOutcome) => files.filter((file) => file.outcome === outcome).length;
  return {
    dryRun,
    found: files.length,
    deleted: count('deleted'),
    gone: files.filter(({ gone }) => gone).length,
    failed: count('failed'),
    kept: count('kept'),
    files,
    unreadable,
    skipped,
    runs,
  };
}

/** @param total - undefined if `part` is the first */
export function addSweep(total: SweepResult | undefined, part: SweepResult): SweepResult {
  if (total === undefined) return part;
  return {
    dryRun: part.dryRun,
    found: total.found + part.found,
    deleted: total.deleted + part.deleted,
    gone: total.gone + part.gone,
    failed: total.failed + part.failed,
    kept: total.kept + part.kept,
    files: [...total.files, ...part.files],
    unreadable: total.unreadable + part.unreadable,
    skipped: total.skipped + part.skipped,
    runs: [...total.runs, ...part.runs].slice(0, MAX_RUNS_NAMED),
  };
}

/** The result with as many of its first files as fit into a workflow's result. */
export function withinPayload(result: SweepResult): SweepResult {
  let bytes = 0;
  const tooMany = result.files.findIndex((file) => (bytes += jsonBytes(file)) > MAX_FILES_NAMED_BYTES);
  return tooMany < 0 ? result : { ...result, files: result.files.slice(0, tooMany) };
}
