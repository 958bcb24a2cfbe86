import { Presets, SingleBar } from 'cli-progress';
import { formatBytes } from './format.js';
import { createRate } from './rate.js';
import { restoreOnExit } from './restore-on-exit.js';

/** The part of the view that shows bytes. */
export interface BytesView {
  show(bytesSent: number, sizeBytes: number): void;
  /** Leaves the line, so that a message can be printed. What is shown next begins on another one. */
  pause(): void;
  /** @param complete - whether all bytes were sent */
  end(complete: boolean): void;
}

const FORMAT = 'uploading [{bar}] {percentage}% {sent} of {size} {rate}';

/** A bar with bytes and rate on a terminal. */
export function createUploadBar(stream: NodeJS.WritableStream, now: () => number = Date.now): BytesView {
  let bar: SingleBar | undefined;
  let forgetExit: (() => void) | undefined;
  let ended = false;
  let size = 0;
  const rate = createRate(now);
  const pause = () => {
    forgetExit?.();
    bar?.stop();
    bar = undefined;
  };
  const payload = (bytes: number) => ({
    sent: formatBytes(bytes),
    size: formatBytes(size),
    rate: rate(bytes),
  });
  return {
    show(bytesSent, sizeBytes) {
      if (ended) return;
      if (!bar) {
        size = sizeBytes;
        bar = new SingleBar({ format: FORMAT, stream, hideCursor: true }, Presets.shades_classic);
        forgetExit = restoreOnExit(() => bar?.stop());
        bar.start(sizeBytes, bytesSent, payload(bytesSent));
      } else bar.update(bytesSent, payload(bytesSent));
    },
    end(complete) {
      ended = true;
      if (complete) bar?.update(size, payload(size));
      pause();
    },
    pause,
  };
}
