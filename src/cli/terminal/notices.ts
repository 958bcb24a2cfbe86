/** What the terminal says of a run beside its progress: that its time is about to end, and that an answer is late. */

import type { UploadProgress } from '../../client/index.js';
import { createDeadlineWarning, type FileAfterwards } from './deadline-warning.js';
import type { Output } from './output.js';
import { createSilenceView } from './silence-view.js';

export interface Notices {
  /** There is news. */
  show(progress: UploadProgress): void;
  end(): void;
}

export function createNotices(output: Pick<Output, 'say'>, afterwards?: FileAfterwards): Notices {
  const notices = [createDeadlineWarning(output, afterwards), createSilenceView(output)];
  return {
    show: (progress) => notices.forEach((notice) => notice.show(progress)),
    end: () => notices.forEach((notice) => notice.end()),
  };
}
