/** Tells the user, while there is still time, that the wait for a file is about to end. */

import type { UploadProgress } from '../../client/index.js';
import { KEEP_FLAGS } from '../keep-flags.js';
import { commandLine } from '../own-command.js';
import { formatTime } from './format.js';
import type { Output } from './output.js';

/** After which part of the time that is left when the wait is first seen. */
const PART = 2 / 3;
/** Who gives so little time does not upload long videos, milliseconds. */
const MIN_MS = 3000;

/** What becomes of a file that is not ACTIVE in time: a `wait` deletes it if a flag says so. Undefined if the run's options are not known. */
export type FileAfterwards = 'deleted' | 'deleted by flag' | 'kept' | undefined;

export interface DeadlineWarning {
  show(progress: Pick<UploadProgress, 'phase' | 'id' | 'deadline'>): void;
  end(): void;
}

/** Says one line for a run. */
export function createDeadlineWarning(
  { say }: Pick<Output, 'say'>,
  afterwards: FileAfterwards,
): DeadlineWarning {
  let timer: NodeJS.Timeout | undefined;
  return {
    show({ phase, id, deadline }) {
      if (phase !== 'processing') return clearTimeout(timer);
      if (timer !== undefined || id === null || deadline === null) return;
      const left = Date.parse(deadline) - Date.now();
      if (!(left >= MIN_MS)) return;
      timer = setTimeout(() => say(warningLine(id, deadline, afterwards)), left * PART);
      timer.unref();
    },
    end: () => clearTimeout(timer),
  };
}

function warningLine(id: string, deadline: string, afterwards: FileAfterwards): string {
  const wait = commandLine('wait', [id, '--timeout', '10m']);
  const begin = `${id} is not ACTIVE yet, and its time ends at ${formatTime(deadline)}`;
  if (afterwards === 'kept')
    return `${begin}. Long videos take minutes. To wait on after that, without a second upload: ${wait}`;
  const deletion = afterwards === undefined ? '' : '; then it is deleted';
  const keeping = afterwards === 'deleted by flag' ? KEEP_FLAGS.wait : KEEP_FLAGS.upload;
  return (
    `${begin}${deletion}. Long videos take minutes: give them more, such as --timeout 10m. ` +
    `${keeping} the file is kept, and this waits on without a second upload: ${wait}`
  );
}
