/** What `upload` reports of several files: a line of JSON for each, or a table, and a summary. */

import type { ActiveFile } from '../../contract/file.js';
import { adviceLine } from '../advice.js';
import type { FileOrigin } from '../../contract/options.js';
import { showAnySource } from '../../contract/refused-source.js';
import { sourceAddress } from '../../contract/source.js';
import type { ErrorReport, FailedRun } from '../error-report.js';
import { EXIT } from '../exit.js';
import { colourFor } from '../terminal/colour.js';
import { columns } from '../terminal/columns.js';
import { count, formatBytes, formatTime } from '../terminal/format.js';

/** A file of the batch. */
export interface BatchFile {
  /** As the user named it. */
  readonly given: string;
  readonly origin: FileOrigin;
}

/** How the run of a file ended. */
export interface Outcome {
  readonly of: BatchFile;
  readonly file?: ActiveFile;
  readonly error?: ErrorReport;
  /** Undefined if none was started. */
  readonly run?: FailedRun;
  /** What the command would exit with if this were its only file. */
  readonly exitCode: number;
}

/** A file as the user named it, under the name of the option that it is; of a source that is refused, what may be shown. */
export function nameOf({ given, origin }: BatchFile): { path: string } | { source: string } {
  if (origin.path !== undefined) return { path: given };
  return { source: sourceAddress.mismatch(given) === undefined ? given : showAnySource(given) };
}

/** A file as messages and tables show it. */
export function labelOf({ given, origin }: BatchFile): string {
  return origin.path === undefined ? showAnySource(given) : given;
}

export function toJson({ of, file, error, run }: Outcome): object {
  return error ? { ...nameOf(of), error: { ...error, ...run } } : { ...nameOf(of), ...file, ...run };
}

export function toTable(outcomes: readonly Outcome[]): string[] {
  const rows = outcomes.map(({ of, file, error }) => [
    labelOf(of),
    file?.state ?? error?.type,
    file?.id ?? error?.id,
    file && formatBytes(file.sizeBytes),
    file ? formatTime(file.expirationTime) : error?.message,
  ]);
  const last = outcomes.some(({ error }) => error) ? 'EXPIRES, OR WHY NOT ACTIVE' : 'EXPIRES';
  return columns(['FILE', 'STATE', 'ID', 'SIZE', last], rows, colourFor(process.stdout));
}

/**
 * @param files - how many were named: those without an outcome were not started, because of Ctrl-C or of another file's error
 * @param interrupted - by Ctrl-C; files that all ended before it have their own exit code
 */
export function exitCodeOfBatch(outcomes: readonly Outcome[], files: number, interrupted: boolean): number {
  const codes = new Set(outcomes.map(({ exitCode }) => exitCode).filter((code) => code !== EXIT.done));
  if (codes.has(EXIT.cancelled) || (interrupted && outcomes.length < files)) return EXIT.cancelled;
  if (codes.size === 0) return EXIT.done;
  return codes.size === 1 && codes.has(EXIT.inactive) ? EXIT.inactive : EXIT.failed;
}

/** `3 files: 1 ACTIVE, 1 failed, 1 not ACTIVE in time; 5 MB in 12.3 s`, and what to do about the failures. */
export function summaryLines(outcomes: readonly Outcome[], files: number, ms: number): string[] {
  const number = (code: number) => outcomes.filter(({ exitCode }) => exitCode === code).length;
  const parts = [
    [number(EXIT.done), 'ACTIVE'],
    [number(EXIT.inactive), 'not ACTIVE in time'],
    [number(EXIT.cancelled), 'cancelled'],
    [number(EXIT.failed) + number(EXIT.usage), 'failed'],
    [files - outcomes.length, 'not started'],
  ] as const;
  const counts = parts.filter(([of]) => of > 0).map(([of, what]) => `${of} ${what}`);
  const bytes = outcomes.reduce((sum, { file }) => sum + (file?.sizeBytes ?? 0), 0);
  // Of files that are ACTIVE: none says nothing of what was sent.
  const amount = bytes > 0 ? `${formatBytes(bytes)} in ` : '';
  return [
    `${count(files, 'file')}: ${counts.join(', ')}; ${amount}${(ms / 1000).toFixed(1)} s`,
    ...adviceLines(outcomes),
  ];
}

/** Each advice once. Failures of several kinds have several, and each names its kind. */
function adviceLines(outcomes: readonly Outcome[]): string[] {
  const errors = outcomes.flatMap(({ error }) => error ?? []);
  const oneKind = new Set(errors.map(({ type }) => type)).size === 1;
  const lines = errors.map((error) => `${oneKind ? '' : `${error.type}: `}${adviceLine(error, 'upload')}`);
  return [...new Set(lines)];
}
