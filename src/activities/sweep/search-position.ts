/** How far a search for abandoned files has come, so that the next one continues there. */

import { invalidValue } from '../../contract/invalid-option.js';

export interface SearchPosition {
  /** The runs that are searched closed between the two, in milliseconds since the epoch. */
  readonly from: number;
  readonly to: number;
  /** The server's token of a page of the list of runs, in base64; empty for the first page. */
  readonly page: string;
  /** Index of a run in that page. */
  readonly run: number;
  /** Index of one of the run's files. */
  readonly file: number;
}

export function formatPosition({ from, to, page, run, file }: SearchPosition): string {
  return JSON.stringify([from, to, page, run, file]);
}

/** @throws InvalidOptionsError */
export function parsePosition(text: string): SearchPosition {
  let given: unknown;
  try {
    given = JSON.parse(text);
  } catch {
    given = undefined;
  }
  const [from, to, page, run, file] = Array.isArray(given) ? (given as unknown[]) : [];
  if (isCount(from) && isCount(to) && typeof page === 'string' && isCount(run) && isCount(file))
    return { from, to, page, run, file };
  throw invalidValue('after', 'expected the position of a search', text);
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}
