/** The books of `npm run chaos` and `npm run topology`: each way in which they do not balance is told. */

import { expect, it } from 'vitest';

interface Run {
  readonly index: number;
  readonly displayName: string;
  readonly outcome: string;
  readonly file: string | undefined;
  readonly sha256: string;
  readonly sizeBytes: number;
  readonly unexpected?: string;
}
interface Books {
  balance: (
    runs: readonly Run[],
    files: readonly Record<'name' | 'displayName' | 'state' | 'sha256', string>[],
    uploads: readonly string[],
  ) => { counts: Record<string, number>; wrong: string[] };
  bytesReceivedPerByteOfFiles: (runs: readonly Run[], bytes: Record<string, number>) => number;
}

// JavaScript without types, as the scripts are.
const script = new URL('../../scripts/chaos/books.js', import.meta.url).href;
const { balance, bytesReceivedPerByteOfFiles } = (await import(script)) as Books;

const run: Run = {
  index: 1,
  displayName: 'one',
  outcome: 'completed',
  file: 'files/a',
  sha256: 'aa',
  sizeBytes: 100,
};
const file = { name: 'files/a', displayName: 'one', state: 'ACTIVE', sha256: 'aa' };
const wrong = (...args: Parameters<Books['balance']>) => balance(...args).wrong;

it('balances where each completed run has its one file', () => {
  const cancelled = { ...run, index: 2, displayName: 'two', outcome: 'cancelled', file: undefined };
  const { counts, wrong: lines } = balance([run, cancelled], [file], ['one', 'two']);
  expect(lines).toEqual([]);
  expect(counts).toEqual({ runs: 2, completed: 1, cancelled: 1, files: 1, unowned: 0 });
});

it('tells a file that was uploaded twice, also where one of the two is gone', () => {
  expect(wrong([run], [file], ['one', 'one'])).toEqual(['run 1 (completed) uploaded its file 2 times']);
});

it('tells what is missing, left, unfinished, changed or unexpected', () => {
  expect(wrong([run], [], ['one'])).toEqual(['run 1 (completed) has no file: files/a is not there']);
  expect(wrong([{ ...run, outcome: 'cancelled' }], [file], ['one'])).toEqual([
    'run 1 (cancelled) left files/a',
    'files/a (one) belongs to nobody',
  ]);
  expect(wrong([run], [{ ...file, state: 'PROCESSING' }], ['one'])).toEqual([
    'run 1 (completed) has a file in state PROCESSING',
  ]);
  expect(wrong([run], [{ ...file, sha256: 'bb' }], ['one'])).toEqual([
    'run 1 (completed) has a file with another hash',
  ]);
  expect(wrong([{ ...run, unexpected: 'cancelled' }], [file], ['one'])).toEqual(['run 1 ended as cancelled']);
});

it('counts the bytes of runs that were not cancelled', () => {
  const cancelled = { ...run, displayName: 'two', outcome: 'cancelled', sizeBytes: 1000 };
  expect(bytesReceivedPerByteOfFiles([run, cancelled], { one: 150, two: 3 })).toBe(1.5);
});
