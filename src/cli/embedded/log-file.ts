import { closeSync, fstatSync, openSync, readSync, statSync, truncateSync } from 'node:fs';
import { lastLines } from './run.js';

const MAX_BYTES = 1024 * 1024;
const TAIL_BYTES = 8 * 1024;

export function logSize(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}

/** Empties a log that has grown large. Its writers append, so they go on at its new end. */
export function limitLog(path: string): void {
  if (logSize(path) > MAX_BYTES) truncateSync(path);
}

/** The last lines that were written after `offset`, for an error message. */
export function logTail(path: string, offset: number): string {
  if (logSize(path) <= offset) return '';
  const file = openSync(path, 'r');
  try {
    const end = fstatSync(file).size;
    const start = Math.max(offset, end - TAIL_BYTES);
    const buffer = Buffer.alloc(Math.max(0, end - start));
    const read = readSync(file, buffer, 0, buffer.length, start);
    return lastLines(buffer.toString('utf8', 0, read), 5);
  } finally {
    closeSync(file);
  }
}
