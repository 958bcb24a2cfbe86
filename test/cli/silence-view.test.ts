/** The line about a run that waits for an answer: due 10 s after the last news, or after the time at which something is due. */

import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { UploadProgress } from '../../src/client/index.js';
import { createSilenceView } from '../../src/cli/terminal/silence-view.js';

const UPLOADING: UploadProgress = {
  phase: 'uploading',
  id: 'files/a',
  bytesSent: 0,
  sizeBytes: 1_000_000,
  state: null,
  polls: 0,
  nextCheckAt: null,
  deadline: null,
};

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const inSeconds = (seconds: number) => new Date(Date.now() + seconds * 1000).toISOString();

/** The lines and when they come, in seconds, after `progress` and silence. */
function linesAfter(progress: UploadProgress, seconds: number): [number, string][] {
  const lines: [number, string][] = [];
  const began = Date.now();
  const view = createSilenceView({ say: (line) => lines.push([(Date.now() - began) / 1000, line]) });
  view.show(progress);
  vi.advanceTimersByTime(seconds * 1000);
  view.end();
  vi.advanceTimersByTime(100_000);
  return lines;
}

describe('a run of which nothing is heard', () => {
  const sending = 'still at 0 B of 1 MB: the worker waits for an answer, or for its turn';

  it.each<[string, () => UploadProgress, [number, string][]]>([
    ['that sends', () => UPLOADING, [10, 40, 70].map((at) => [at, sending])],
    [
      'whose check has no answer',
      () => ({ ...UPLOADING, phase: 'processing', polls: 2 }),
      [10, 40, 70].map((at) => [at, 'still no answer to check 3']),
    ],
    [
      'whose next check is due in 60 s',
      () => ({ ...UPLOADING, phase: 'processing', nextCheckAt: inSeconds(60) }),
      [[70, 'still no answer to check 1']],
    ],
    [
      'whose next attempt is due in 65 s',
      () => ({ ...UPLOADING, lastFailure: { attempt: 1, message: 'x', nextAttemptAt: inSeconds(65) } }),
      [[75, sending]],
    ],
    [
      'that cleans up',
      () => ({ ...UPLOADING, phase: 'cleaning-up' }),
      [10, 40, 70].map((at) => [at, 'still no answer to the deletion']),
    ],
    ['that no worker has begun', () => ({ ...UPLOADING, bytesSent: null, sizeBytes: null }), []],
    ['that waits for storage', () => ({ ...UPLOADING, phase: 'quota-wait' }), []],
    ['that is done', () => ({ ...UPLOADING, phase: 'done' }), []],
  ])('%s', (_, progress, lines) => {
    expect(linesAfter(progress(), 80)).toEqual(lines);
  });
});

it('news puts the line off', () => {
  const said: string[] = [];
  const view = createSilenceView({ say: (line) => said.push(line) });
  for (let bytesSent = 0; bytesSent < 900_000; bytesSent += 100_000) {
    view.show({ ...UPLOADING, bytesSent });
    vi.advanceTimersByTime(9000);
  }
  expect(said).toEqual([]);
  vi.advanceTimersByTime(1000);
  expect(said).toEqual(['still at 800 kB of 1 MB: the worker waits for an answer, or for its turn']);
});

it('two lines are half a minute apart, also after news', () => {
  const at: number[] = [];
  const began = Date.now();
  const view = createSilenceView({ say: () => at.push((Date.now() - began) / 1000) });
  view.show(UPLOADING);
  vi.advanceTimersByTime(12_000);
  view.show({ ...UPLOADING, bytesSent: 1 });
  vi.advanceTimersByTime(40_000);
  expect(at).toEqual([10, 40]);
});
