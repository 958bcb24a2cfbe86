/** Shows the progress of several files on stderr: on a terminal, a bar for each that is in progress; elsewhere, lines with its name. */

import { MultiBar, Presets } from 'cli-progress';
import type { UploadProgress } from '../../client/index.js';
import { count, formatBytes, formatTime } from './format.js';
import type { FileAfterwards } from './deadline-warning.js';
import { createNotices } from './notices.js';
import type { Output } from './output.js';
import { createProgressView, createTroubleView, type ProgressView } from './progress-view.js';
import { createRate } from './rate.js';
import { restoreOnExit } from './restore-on-exit.js';
import { displayWidth, padTo, plainText } from './text.js';

export interface Board {
  /** Prints a line, which no bar overwrites. */
  say(line: string): void;
  /** Shows another file until the view's `end`. */
  open(name: string): ProgressView;
  /** Removes what is still shown. */
  end(): void;
}

/** @param names - of all files, so that their bars are aligned */
export function createBoard(output: Output, names: readonly string[], afterwards?: FileAfterwards): Board {
  return process.stderr.isTTY && !output.json
    ? createBarBoard(output, names, process.stderr, afterwards)
    : createLineBoard(output, afterwards);
}

export function createLineBoard(output: Output, afterwards?: FileAfterwards): Board {
  return {
    say: (line) => output.say(line),
    open: (name) =>
      createProgressView(
        { ...output, json: true, say: (line) => output.say(`${name}: ${line}`) },
        afterwards,
      ),
    end: () => undefined,
  };
}

/** Columns of a name; a longer one is cut. */
const MAX_NAME = 30;
const BAR_COLUMNS = 20;
const FORMAT = '{name} [{bar}] {text}';
/** Bars are cut at the edge of the terminal; a message is wrapped, and what a bar has left of its line is erased. */
const wrapped = (line: string) => `\u001B[?7h${line}\u001B[K\n\u001B[?7l`;

export function createBarBoard(
  output: Output,
  names: readonly string[],
  stream: NodeJS.WritableStream,
  afterwards?: FileAfterwards,
): Board {
  const width = Math.min(MAX_NAME, Math.max(0, ...names.map((name) => displayWidth(plainText(name)))));
  // It would end the bars on Ctrl-C, after which the clean-ups are still shown.
  const options = {
    format: FORMAT,
    stream,
    hideCursor: true,
    clearOnComplete: true,
    gracefulExit: false,
    forceRedraw: true,
  };
  const bars = new MultiBar({ ...options, barsize: BAR_COLUMNS }, Presets.shades_classic);
  const stop = () => {
    if (bars.isActive) bars.stop();
  };
  const forgetExit = restoreOnExit(stop);
  const say = (line: string) => {
    if (!bars.isActive) return output.say(line);
    bars.log(wrapped(line));
    bars.update();
  };
  return {
    say,
    open(name) {
      const shown = padTo(plainText(name), width);
      const bar = bars.create(1, 0, { name: shown, text: '' });
      const rate = createRate();
      const ownSay = (line: string) => say(`${name}: ${line}`);
      const trouble = createTroubleView({ say: ownSay });
      const notices = createNotices({ say: ownSay }, afterwards);
      let ended = false;
      return {
        show(progress) {
          if (ended) return;
          const { phase, bytesSent, sizeBytes, lastFailure } = progress;
          notices.show(progress);
          if (lastFailure) trouble(lastFailure);
          if (sizeBytes !== null) bar.setTotal(Math.max(sizeBytes, 1));
          const sent = phase === 'uploading' ? (bytesSent ?? 0) : (sizeBytes ?? 1);
          bar.update(sent, { name: shown, text: textOf(progress, rate) });
        },
        say: ownSay,
        end() {
          if (ended) return;
          ended = true;
          notices.end();
          bars.remove(bar);
        },
      };
    },
    end() {
      forgetExit();
      stop();
    },
  };
}

/** What stands beside the bar. */
function textOf(progress: UploadProgress, rate: (bytesSent: number) => string): string {
  const { phase, bytesSent, sizeBytes, polls, state, nextCheckAt } = progress;
  const next = nextCheckAt ? `, next at ${formatTime(nextCheckAt)}` : '';
  switch (phase) {
    case 'uploading':
      return bytesSent === null || sizeBytes === null
        ? 'begins'
        : `${formatBytes(bytesSent)} of ${formatBytes(sizeBytes)} ${rate(bytesSent)}`;
    case 'quota-wait':
      return `the project's file storage is full${next}`;
    case 'cleaning-up':
      return 'cleaning up';
    default:
      return `${state ?? 'PROCESSING'}, ${count(polls, 'check')}${next}`;
  }
}
