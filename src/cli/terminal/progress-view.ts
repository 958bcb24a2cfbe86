/** Shows a run's progress on stderr: on a terminal, a bar for the bytes; elsewhere, lines. Each check is a line. */

import type { AttemptFailure, UploadProgress } from '../../client/index.js';
import type { FileAfterwards } from './deadline-warning.js';
import { createNotices } from './notices.js';
import { failedAttempt } from './failed-attempt.js';
import { formatBytes, formatTime } from './format.js';
import type { Output } from './output.js';
import { createUploadBar, type BytesView } from './upload-bar.js';

export interface ProgressView {
  show(progress: UploadProgress): void;
  /** Prints a line that the bar does not overwrite. */
  say(line: string): void;
  end(): void;
}

export function createProgressView(terminal: Output, afterwards?: FileAfterwards): ProgressView {
  let bytes = createBytesView(terminal);
  const output = saidBeside(terminal, () => bytes);
  let checks = 0;
  let waitsUntil: string | null = null;
  let cleaning = false;
  const trouble = createTroubleView(output);
  const notices = createNotices(output, afterwards);
  return {
    show(progress) {
      const { phase, id, bytesSent, sizeBytes, polls, state, nextCheckAt, lastFailure } = progress;
      notices.show(progress);
      if (phase === 'quota-wait' && nextCheckAt !== waitsUntil) {
        waitsUntil = nextCheckAt;
        bytes.end(false);
        // The upload begins anew.
        bytes = createBytesView(terminal);
        const next = nextCheckAt ? `, next try at ${formatTime(nextCheckAt)}` : '';
        output.say(`the project's file storage is full${next}`);
      } else if (phase !== 'uploading') bytes.end(phase === 'processing' || phase === 'active');
      else if (bytesSent !== null && sizeBytes !== null) bytes.show(bytesSent, sizeBytes);
      if (lastFailure) trouble(lastFailure);
      if (polls > checks) {
        checks = polls;
        const next = nextCheckAt ? `, next check at ${formatTime(nextCheckAt)}` : '';
        output.say(`check ${polls}: ${state ?? 'state unknown'}${next}`);
      }
      if (phase === 'cleaning-up' && !cleaning) {
        cleaning = true;
        output.say(`cleaning up: deleting ${id ?? 'the file'}`);
      }
    },
    say(line) {
      bytes.end(false);
      output.say(line);
    },
    end() {
      notices.end();
      bytes.end(false);
    },
  };
}

/** Milliseconds between two lines about attempts that fail for the same reason. */
const TROUBLE_MS = 30_000;

/** A run that gets nowhere says so at its first failed attempt, and from time to time after that. */
export function createTroubleView({ say }: Pick<Output, 'say'>): (failure: AttemptFailure) => void {
  let shown: AttemptFailure | undefined;
  let next = 0;
  return (failure) => {
    if (failure.attempt === shown?.attempt) return;
    if (failure.message === shown?.message && performance.now() < next) return;
    shown = failure;
    next = performance.now() + TROUBLE_MS;
    say(troubleLine(failure));
  };
}

function troubleLine(failure: AttemptFailure): string {
  const { nextAttemptAt } = failure;
  const next = nextAttemptAt ? `; next attempt at ${formatTime(nextAttemptAt)}` : '';
  return `failed ${failedAttempt(failure)}${next}`;
}

/** The same output, whose messages do not end up behind a bar. */
export function saidBeside(output: Output, shown: () => BytesView): Output {
  return {
    ...output,
    say: (line) => {
      shown().pause();
      output.say(line);
    },
  };
}

/** On a terminal, a bar for the bytes; elsewhere, lines. */
export function createBytesView(output: Output): BytesView {
  return process.stderr.isTTY && !output.json ? createUploadBar(process.stderr) : lineView(output);
}

/** Milliseconds between two lines of a long upload. */
const LINE_MS = 5000;

function lineView(output: Output): BytesView {
  const began = Date.now();
  let next = 0;
  let size: number | undefined;
  let ended = false;
  return {
    show(bytesSent, sizeBytes) {
      size = sizeBytes;
      if (Date.now() < next) return;
      next = Date.now() + LINE_MS;
      output.say(`uploading: ${formatBytes(bytesSent)} of ${formatBytes(sizeBytes)}`);
    },
    pause: () => undefined,
    end(complete) {
      if (complete && !ended && size !== undefined)
        output.say(`uploaded: ${formatBytes(size)} in ${((Date.now() - began) / 1000).toFixed(1)} s`);
      ended = true;
    },
  };
}
