/** A run's progress on stderr: a bar while bytes move and a line per check on a terminal, plain lines elsewhere. */

import { Presets, SingleBar } from 'cli-progress';
import prettyBytes from 'pretty-bytes';
import type { UploadProgress } from '../client/index.js';
import type { Output } from './output.js';

export interface ProgressView {
  show(progress: UploadProgress): void;
  end(): void;
}

export function createProgressView(output: Output): ProgressView {
  const bytes = process.stderr.isTTY && !output.json ? barView() : lineView(output);
  let checks = 0;
  let phase: string | undefined;
  return {
    show(progress) {
      if (progress.phase === 'uploading') bytes.show(progress);
      else bytes.end();
      if (progress.phase !== phase && progress.phase === 'cleaning-up')
        output.say(`cleaning up: deleting ${progress.id ?? 'the file'}`);
      phase = progress.phase;
      if (progress.polls > checks) {
        checks = progress.polls;
        const next = progress.nextCheckAt ? `, next check at ${time(progress.nextCheckAt)}` : '';
        output.say(`check ${checks}: ${progress.state ?? 'no answer'}${next}`);
      }
    },
    end: () => bytes.end(),
  };
}

const time = (iso: string) => new Date(iso).toLocaleTimeString();

function barView(): ProgressView {
  let bar: SingleBar | undefined;
  let began = 0;
  let done = false;
  const rate = (bytes: number) => `${prettyBytes((bytes / Math.max(1, Date.now() - began)) * 1000)}/s`;
  return {
    show({ bytesSent, sizeBytes }) {
      if (done || bytesSent === null || sizeBytes === null) return;
      if (!bar) {
        began = Date.now();
        const format = 'uploading [{bar}] {percentage}% {sent} of {size} {rate}';
        bar = new SingleBar({ format, stream: process.stderr, hideCursor: true }, Presets.shades_classic);
        bar.start(sizeBytes, 0, { sent: prettyBytes(0), size: prettyBytes(sizeBytes), rate: '' });
      }
      bar.update(bytesSent, { sent: prettyBytes(bytesSent), rate: rate(bytesSent) });
    },
    end() {
      done = true;
      bar?.stop();
      bar = undefined;
    },
  };
}

/** Milliseconds between two lines of a long upload. */
const LINE_MS = 5000;

function lineView(output: Output): ProgressView {
  let next = 0;
  return {
    show({ bytesSent, sizeBytes }) {
      if (bytesSent === null || sizeBytes === null || Date.now() < next) return;
      next = Date.now() + LINE_MS;
      output.say(`uploading: ${prettyBytes(bytesSent)} of ${prettyBytes(sizeBytes)}`);
    },
    end: () => undefined,
  };
}
