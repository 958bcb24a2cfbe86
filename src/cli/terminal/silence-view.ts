/** Tells the user that a run waits for an answer, before the attempt that waits has failed. */

import type { UploadProgress } from '../../client/index.js';
import { formatBytes } from './format.js';
import type { Output } from './output.js';

/** Without any news for this long, milliseconds. */
const SILENT_MS = 10_000;
/** Milliseconds between two such lines. */
const AGAIN_MS = 30_000;

export interface SilenceView {
  /** There is news. */
  show(progress: UploadProgress): void;
  end(): void;
}

export function createSilenceView({ say }: Pick<Output, 'say'>): SilenceView {
  let timer: NodeJS.Timeout | undefined;
  let next = 0;
  const end = () => clearTimeout(timer);
  return {
    show(progress) {
      end();
      const text = silenceOf(progress);
      if (text === undefined) return;
      const due = progress.lastFailure?.nextAttemptAt ?? progress.nextCheckAt;
      const idle = due === null ? 0 : Math.max(0, Date.parse(due) - Date.now());
      const wait = Math.max(idle + SILENT_MS, next - performance.now());
      const speak = () => {
        next = performance.now() + AGAIN_MS;
        say(text);
        timer = setTimeout(speak, AGAIN_MS).unref();
      };
      timer = setTimeout(speak, wait).unref();
    },
    end,
  };
}

/** The line that names what has no answer yet; undefined if nothing is under way. */
function silenceOf({ phase, bytesSent, sizeBytes, polls }: UploadProgress): string | undefined {
  switch (phase) {
    case 'uploading':
      // Nothing is known before a worker has begun.
      return bytesSent === null || sizeBytes === null
        ? undefined
        : `still at ${formatBytes(bytesSent)} of ${formatBytes(sizeBytes)}: the worker waits for an answer, or for its turn`;
    case 'processing':
      return `still no answer to check ${polls + 1}`;
    case 'cleaning-up':
      return 'still no answer to the deletion';
    default:
      return undefined;
  }
}
