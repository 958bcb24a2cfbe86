/** The books of `npm run chaos` and `npm run topology`: each way in which they do not balance is reported. */

import { expect, it } from 'vitest';

interface Run {
  readonly index: number;
  readonly displayName: string;
  readonly outcome: string;
  readonly file: string | undefined;
  readonly sha256s: readonly string[];
  readonly sizeBytes: number;
  readonly unexpected?: string;
  readonly label?: string;
  readonly names?: readonly string[];
  readonly cleanup?: string;
  readonly superseded?: boolean;
  readonly sentNothing?: boolean;
  readonly resets?: number;
}
interface Upload {
  readonly name: string;
  readonly displayName: string;
}
interface Books {
  balance: (
    runs: readonly Run[],
    files: readonly Record<'name' | 'displayName' | 'state' | 'sha256', string>[],
    uploads: readonly Upload[],
  ) => { counts: Record<string, number>; wrong: string[]; suspects: string[] };
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
  sha256s: ['aa'],
  sizeBytes: 100,
};
const file = { name: 'files/a', displayName: 'one', state: 'ACTIVE', sha256: 'aa' };
const one = { name: 'files/a', displayName: 'one' };
const two = { name: 'files/b', displayName: 'two' };
const wrong = (...args: Parameters<Books['balance']>) => balance(...args).wrong;

it('balances if each completed run has its one file', () => {
  const cancelled = { ...run, index: 2, displayName: 'two', outcome: 'cancelled', file: undefined };
  const { counts, wrong: lines } = balance([run, cancelled], [file], [one, two]);
  expect(lines).toEqual([]);
  expect(counts).toEqual({ runs: 2, completed: 1, cancelled: 1, files: 1, unowned: 0 });
});

it('reports a file that was uploaded twice, also if one of the two is gone', () => {
  expect(wrong([run], [file], [one, one])).toEqual(['files/a (one) was uploaded 2 times']);
  const again = { ...one, name: 'files/c' };
  expect(wrong([run], [file], [one, again])).toEqual(['one was uploaded under 2 names']);
  // A reset to the begin chooses another name.
  expect(wrong([{ ...run, resets: 1 }], [file], [one, again])).toEqual([]);
});

it('accepts that a finalize came late, and the clean-up deleted the file again', () => {
  const cancelled = { ...run, outcome: 'cancelled', file: undefined };
  expect(wrong([cancelled], [], [one, one])).toEqual([]);
  expect(wrong([cancelled], [file], [one, one])).toEqual([
    'run 1 (cancelled) left files/a',
    'files/a (one) belongs to nobody',
  ]);
});

it('reports what is missing, left, unfinished, changed or unexpected', () => {
  expect(wrong([run], [], [one])).toEqual(['run 1 (completed) has no file: files/a is not there']);
  expect(wrong([{ ...run, outcome: 'cancelled' }], [file], [one])).toEqual([
    'run 1 (cancelled) left files/a',
    'files/a (one) belongs to nobody',
  ]);
  expect(wrong([run], [{ ...file, state: 'PROCESSING' }], [one])).toEqual([
    'run 1 (completed) has a file in state PROCESSING',
  ]);
  expect(wrong([run], [{ ...file, sha256: 'bb' }], [one])).toEqual([
    'run 1 (completed) has a file with another hash',
  ]);
  expect(wrong([{ ...run, unexpected: 'cancelled' }], [file], [one])).toEqual(['run 1 ended as cancelled']);
});

it('accepts either version of a file that changed, and no mixture', () => {
  const changed = { ...run, sha256s: ['aa', 'bb'] };
  for (const sha256 of ['aa', 'bb']) expect(wrong([changed], [{ ...file, sha256 }], [one])).toEqual([]);
  expect(wrong([changed], [{ ...file, sha256: 'ab' }], [one])).toEqual([
    'run 1 (completed) has a file with another hash',
  ]);
});

it("decides by its names which files are a run's, if they are known", () => {
  const reset = { ...run, label: 'run x', outcome: 'terminated', file: undefined };
  const second = { ...file, name: 'files/c' };
  // The successor has the file of the run that was terminated, or one of its own.
  expect(wrong([{ ...reset, names: ['files/a'] }, run], [file], [one])).toEqual([]);
  const successor = { ...run, names: ['files/a'] };
  expect(wrong([{ ...reset, names: ['files/c'] }, successor], [file, second], [one])).toEqual([
    'run x (terminated) left files/c',
    'files/c (one) belongs to nobody',
  ]);
});

it('accepts a file that the run itself reports, and no other', () => {
  for (const cleanup of ['kept', 'failed'])
    expect(wrong([{ ...run, outcome: 'UploadFailedError', cleanup }], [file], [one])).toEqual([]);
  expect(wrong([{ ...run, outcome: 'UploadFailedError', cleanup: 'deleted' }], [file], [one])).toEqual([
    'run 1 (UploadFailedError) left files/a',
    'files/a (one) belongs to nobody',
  ]);
});

it('expects no file of a completed run that a reset has superseded, but the right one if it is there', () => {
  const superseded = { ...run, superseded: true };
  expect(wrong([superseded], [], [one])).toEqual([]);
  expect(wrong([superseded], [{ ...file, state: 'PROCESSING' }], [one])).toEqual([
    'run 1 (completed) has a file in state PROCESSING',
  ]);
});

it('accepts that a run has nothing to clean up if it has uploaded nothing', () => {
  const changed = {
    ...run,
    outcome: 'FileChangedError',
    names: ['files/a'],
    file: undefined,
    sentNothing: true,
  };
  expect(wrong([changed], [], [])).toEqual([]);
  expect(wrong([changed], [], [one])).toEqual([
    'run 1 (FileChangedError) had nothing to clean up, but has uploaded a file',
  ]);
});

it('names the uploads that its lines are about', () => {
  const other = { ...file, name: 'files/b', displayName: 'two' };
  expect(balance([run], [other, file], [one, two]).suspects).toEqual(['two']);
});

it('counts the bytes of runs that were not ended from outside, nor by a file that changed', () => {
  const cancelled = { ...run, displayName: 'two', outcome: 'cancelled', sizeBytes: 1000 };
  const others = ['terminated', 'FileChangedError'].map((outcome) => ({ ...cancelled, outcome }));
  expect(bytesReceivedPerByteOfFiles([run, cancelled, ...others], { one: 150, two: 3 })).toBe(1.5);
});
