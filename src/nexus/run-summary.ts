/** What Temporal's Web UI shows beside the id of the run behind an operation. */

import { lastSegment } from '../contract/show.js';
import { sourceAddress, summaryOf } from '../contract/source.js';
import { isRecord } from '../util/is-record.js';

/** @returns the file of the input; undefined for one that the run will refuse */
export function summaryOfInput(input: unknown): string | undefined {
  if (!isRecord(input)) return undefined;
  const { path, source, id } = input;
  const [given, ...others] = [path, source, id].filter((value) => value !== undefined);
  if (typeof given !== 'string' || others.length > 0) return undefined;
  if (given === source && sourceAddress.mismatch(source) !== undefined) return undefined;
  return given === id ? lastSegment(given) : summaryOf(input);
}
