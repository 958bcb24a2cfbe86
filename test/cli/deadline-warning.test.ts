/** Long videos need more time than the default: the terminal says so while there is still time. */

import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { UploadProgress } from '../../src/client/index.js';
import { createBarBoard, createLineBoard } from '../../src/cli/terminal/board.js';
import { createDeadlineWarning, type FileAfterwards } from '../../src/cli/terminal/deadline-warning.js';
import { formatTime } from '../../src/cli/terminal/format.js';
import { createProgressView } from '../../src/cli/terminal/progress-view.js';

const NOW = Date.parse('2026-11-27T02:00:00Z');
const PROCESSING: UploadProgress = {
  phase: 'processing',
  id: 'files/a',
  bytesSent: null,
  sizeBytes: null,
  state: 'PROCESSING',
  polls: 0,
  // No answer is due before the warning.
  nextCheckAt: new Date(NOW + 120_000).toISOString(),
  deadline: new Date(NOW + 120_000).toISOString(),
};

beforeEach(() => {
  vi.useFakeTimers({ now: NOW });
  vi.stubEnv('npm_command', undefined);
});
afterEach(() => vi.useRealTimers());

function recorder(afterwards?: FileAfterwards) {
  const lines: string[] = [];
  const output = { json: true, say: (line: string) => void lines.push(line), result: () => undefined };
  return { lines, output, warning: createDeadlineWarning(output, afterwards) };
}

it('is one line at two thirds of the time, and names the flag and the command', () => {
  const { lines, warning } = recorder('deleted');
  warning.show({ ...PROCESSING, phase: 'uploading', deadline: null });
  warning.show(PROCESSING);
  vi.advanceTimersByTime(79_000);
  warning.show(PROCESSING);
  expect(lines).toEqual([]);
  vi.advanceTimersByTime(1000);
  expect(lines).toEqual([
    `files/a is not ACTIVE yet, and its time ends at ${formatTime(NOW + 120_000)}; then it is deleted. ` +
      'Long videos take minutes: give them more, such as --timeout 10m. With --no-cleanup-on-timeout the file is kept, and this ' +
      'waits on without a second upload: temporal-gemini-files wait files/a --timeout 10m',
  ]);
  warning.show(PROCESSING);
  vi.advanceTimersByTime(60_000);
  expect(lines).toHaveLength(1);
});

it('names only the command if the file is kept, as the user started it', () => {
  vi.stubEnv('npm_command', 'exec');
  const { lines, warning } = recorder('kept');
  warning.show(PROCESSING);
  vi.advanceTimersByTime(100_000);
  expect(lines).toEqual([
    expect.stringMatching(
      /without a second upload: npx temporal-gemini-files wait files\/a --timeout 10m$/,
    ) as string,
  ]);
  expect(lines[0]).not.toMatch(/cleanup|deleted/);
});

it('the command has the flags that the present one has for its server and its key', () => {
  const { argv } = process;
  process.argv = [...argv.slice(0, 2), 'upload', 'a.mp4', '--credentials', 'team', '--namespace', 'films'];
  try {
    const { lines, warning } = recorder('kept');
    warning.show(PROCESSING);
    vi.advanceTimersByTime(100_000);
    expect(lines[0]).toMatch(/ wait files\/a --timeout 10m --namespace films --credentials team$/);
  } finally {
    process.argv = argv;
  }
});

it('of a wait that deletes, names the flag to leave out', () => {
  const { lines, warning } = recorder('deleted by flag');
  warning.show(PROCESSING);
  vi.advanceTimersByTime(100_000);
  expect(lines[0]).toMatch(/; then it is deleted\. .* Without --cleanup-on-timeout the file is kept/);
  expect(lines[0]).not.toContain('--no-cleanup-on-timeout');
});

it('says nothing of deletion if the options of the run are not known', () => {
  const { lines, warning } = recorder();
  warning.show(PROCESSING);
  vi.advanceTimersByTime(100_000);
  expect(lines[0]).toContain('--no-cleanup-on-timeout');
  expect(lines[0]).not.toContain('deleted');
});

it.each([
  ['ends', (at: ReturnType<typeof recorder>['warning']) => at.end()],
  ['is ACTIVE', (at: ReturnType<typeof recorder>['warning']) => at.show({ ...PROCESSING, phase: 'active' })],
])('is not said of a run that %s before', (_, then) => {
  const { lines, warning } = recorder('deleted');
  warning.show(PROCESSING);
  vi.advanceTimersByTime(70_000);
  then(warning);
  vi.advanceTimersByTime(60_000);
  expect(lines).toEqual([]);
});

it.each([
  ['two seconds in all', new Date(NOW + 2000).toISOString()],
  ['a deadline that is past', new Date(NOW - 1000).toISOString()],
  ['no time at all', 'soon'],
])('is not said for %s', (_, deadline) => {
  const { lines, warning } = recorder('deleted');
  warning.show({ ...PROCESSING, deadline });
  vi.advanceTimersByTime(10_000);
  expect(lines).toEqual([]);
});

describe('is shown', () => {
  it('for one file', () => {
    const { lines, output } = recorder();
    const view = createProgressView(output, 'deleted');
    view.show(PROCESSING);
    vi.advanceTimersByTime(80_000);
    expect(lines).toEqual([expect.stringMatching(/^files\/a is not ACTIVE yet/) as string]);
    view.end();
  });

  it('for each of several files, with its name', () => {
    const { lines, output } = recorder();
    const board = createLineBoard(output, 'deleted');
    const [one, two] = [board.open('a.mp4'), board.open('b.mp4')];
    one.show(PROCESSING);
    two.show({ ...PROCESSING, id: 'files/b' });
    two.end();
    vi.advanceTimersByTime(80_000);
    expect(lines).toEqual([expect.stringMatching(/^a\.mp4: files\/a is not ACTIVE yet/) as string]);
    one.end();
  });

  it('above the bars of a terminal, until the bar ends', () => {
    const { lines, output } = recorder();
    const stream = Object.assign(new PassThrough(), {
      isTTY: true,
      columns: 100,
      cursorTo: () => true,
      clearLine: () => true,
    });
    const board = createBarBoard(output, ['a.mp4'], stream, 'deleted');
    const view = board.open('a.mp4');
    view.show(PROCESSING);
    view.end();
    vi.advanceTimersByTime(80_000);
    expect(lines).toEqual([]);
    const other = board.open('a.mp4');
    other.show({ ...PROCESSING, deadline: new Date(Date.now() + 30_000).toISOString() });
    vi.advanceTimersByTime(20_000);
    board.end();
    stream.end();
    const text = `${String(stream.read() ?? '')}${lines.join('')}`;
    expect(text).toContain('a.mp4: files/a is not ACTIVE yet');
  });
});
