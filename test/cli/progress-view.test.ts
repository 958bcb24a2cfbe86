import { PassThrough } from 'node:stream';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { UploadProgress } from '../../src/client/index.js';
import type { Output } from '../../src/cli/terminal/output.js';
import { formatTime } from '../../src/cli/terminal/format.js';
import { createProgressView } from '../../src/cli/terminal/progress-view.js';
import { createBarBoard } from '../../src/cli/terminal/board.js';
import { createUploadBar } from '../../src/cli/terminal/upload-bar.js';

const PROGRESS: UploadProgress = {
  phase: 'uploading',
  id: 'files/a',
  bytesSent: null,
  sizeBytes: null,
  state: null,
  polls: 0,
  nextCheckAt: null,
  deadline: null,
};

const CURSOR = { on: '\u001B[?25h', off: '\u001B[?25l' };
const WRAPPING = { on: '\u001B[?7h', off: '\u001B[?7l' };

function recorder(): { output: Output; lines: string[] } {
  const lines: string[] = [];
  return { lines, output: { json: true, say: (line) => void lines.push(line), result: () => undefined } };
}

describe('an attempt that fails', () => {
  afterEach(() => vi.useRealTimers());

  it('is told at once, and again after half a minute or for another reason', () => {
    vi.useFakeTimers({ toFake: ['performance'] });
    const { output, lines } = recorder();
    const view = createProgressView(output);
    const nextAttemptAt = '2026-11-26T05:00:00.000Z';
    const fail = (attempt: number, message: string | null, next: string | null = null) =>
      view.show({ ...PROGRESS, lastFailure: { attempt, message, nextAttemptAt: next } });
    view.show(PROGRESS);
    fail(1, 'ENOTFOUND', nextAttemptAt);
    fail(1, 'ENOTFOUND');
    fail(2, 'ENOTFOUND', nextAttemptAt);
    vi.advanceTimersByTime(29_000);
    fail(3, 'ENOTFOUND', nextAttemptAt);
    fail(4, 'ECONNRESET');
    vi.advanceTimersByTime(30_000);
    fail(5, 'ECONNRESET');
    fail(6, null);
    const at = formatTime(nextAttemptAt);
    expect(lines).toEqual([
      `failed attempt 1: ENOTFOUND; next attempt at ${at}`,
      'failed attempt 4: ECONNRESET',
      'failed attempt 5: ECONNRESET',
      'failed attempt 6: its reason is encrypted',
    ]);
  });
});

describe('plain lines', () => {
  it('say bytes, each check once, and the clean-up after the checks before it', () => {
    const { output, lines } = recorder();
    const view = createProgressView(output);
    view.show({ ...PROGRESS, bytesSent: 5_000_000, sizeBytes: 10_000_000 });
    view.show({ ...PROGRESS, phase: 'processing', state: 'PROCESSING' });
    view.show({ ...PROGRESS, phase: 'processing', state: 'PROCESSING', polls: 1 });
    view.show({ ...PROGRESS, phase: 'processing', state: 'PROCESSING', polls: 1 });
    view.show({ ...PROGRESS, phase: 'cleaning-up', state: 'PROCESSING', polls: 2 });
    view.show({ ...PROGRESS, phase: 'done', state: 'PROCESSING', polls: 2 });
    expect(lines).toEqual([
      'uploading: 5 MB of 10 MB',
      expect.stringMatching(/^uploaded: 10 MB in \d+\.\d s$/),
      'check 1: PROCESSING',
      'check 2: PROCESSING',
      'cleaning up: deleting files/a',
    ]);
  });
});

it('does not say that nobody answered if a check has found no file', () => {
  const { output, lines } = recorder();
  createProgressView(output).show({ ...PROGRESS, phase: 'processing', polls: 1 });
  expect(lines).toEqual(['check 1: state unknown']);
});

it('reports each wait for storage once, and the bytes of the upload after it', () => {
  const { output, lines } = recorder();
  const view = createProgressView(output);
  const waiting = (nextCheckAt: string) => ({ ...PROGRESS, phase: 'quota-wait' as const, nextCheckAt });
  for (const at of ['2026-01-01T00:00:30Z', '2026-01-01T00:00:30Z', '2026-01-01T00:01:30Z'])
    view.show(waiting(at));
  view.show({ ...PROGRESS, bytesSent: 5_000_000, sizeBytes: 10_000_000 });
  expect(lines).toEqual([
    expect.stringMatching(/^the project's file storage is full, next try at \d/),
    expect.stringMatching(/^the project's file storage is full, next try at \d/),
    'uploading: 5 MB of 10 MB',
  ]);
});

describe('a bar on a terminal', () => {
  function terminal() {
    const stream = Object.assign(new PassThrough(), {
      isTTY: true,
      columns: 100,
      cursorTo: () => true,
      clearLine: () => true,
    });
    let text = '';
    stream.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
    return { stream, text: () => text };
  }

  it('shows bytes and the rate of this attempt alone, and ends full', async () => {
    const { stream, text } = terminal();
    let now = 0;
    const bar = createUploadBar(stream, () => now);
    // An earlier attempt has sent the first half.
    bar.show(50_000_000, 100_000_000);
    now = 1000;
    bar.show(60_000_000, 100_000_000);
    now = 2600;
    bar.show(90_000_000, 100_000_000);
    bar.end(true);
    await new Promise(setImmediate);
    expect(text()).toMatch(/50% 50 MB of 100 MB/);
    expect(text()).toMatch(/100% 100 MB of 100 MB 25 MB\/s/);
    expect(text()).not.toMatch(/Infinity|NaN/);
  });

  interface Shown {
    readonly end: () => void;
  }

  it.each<[string, (stream: NodeJS.WritableStream) => Shown]>([
    [
      'of one file',
      (stream) => {
        const bar = createUploadBar(stream);
        bar.show(5, 10);
        return { end: () => bar.end(false) };
      },
    ],
    [
      'of several files',
      (stream) => {
        const board = createBarBoard(recorder().output, ['a.mp4'], stream);
        board.open('a.mp4').show({ ...PROGRESS, bytesSent: 5, sizeBytes: 10 });
        return board;
      },
    ],
  ])(
    '%s gives back cursor and line wrapping if the process exits, and is then left alone',
    async (_, show) => {
      const { stream, text } = terminal();
      const before = process.listeners('exit');
      const shown = show(stream);
      const written = async () => (await new Promise(setImmediate), text());
      expect(await written()).toContain(`${CURSOR.off}${WRAPPING.off}`);
      // What `process.exit` calls.
      for (const listener of process.listeners('exit')) if (!before.includes(listener)) listener(130);
      const left = await written();
      for (const { on, off } of [CURSOR, WRAPPING])
        expect(left.lastIndexOf(on)).toBeGreaterThan(left.lastIndexOf(off));
      shown.end();
      expect(await written()).toBe(left);
      expect(process.listeners('exit')).toEqual(before);
    },
  );
});
