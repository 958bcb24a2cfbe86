/** Activity `geminiFilesExamine`: opens the files of a batch as their uploads would, and sends nothing. */

import { Context } from '@temporalio/activity';
import type { ExamineInput } from '../contract/examine.js';
import { detectMimeType } from '../gemini/index.js';
import { openSource } from '../sources/index.js';
import { attemptTime } from './attempt-time.js';
import type { ActivityDependencies } from './dependencies.js';
import { withFailureMapping } from './failures.js';
import { withHeartbeat } from './heartbeat.js';
import { examineInput } from './input.js';

/** Fails with what the upload of the first file that cannot be uploaded would fail with. */
export async function examine(deps: ActivityDependencies, input: ExamineInput): Promise<void> {
  const { info } = Context.current();
  const { leftMs } = attemptTime(info);
  return withFailureMapping({ id: () => undefined, leftMs }, () =>
    withHeartbeat(
      () => undefined,
      async ({ ended: signal }) => {
        for (const file of examineInput(input)) {
          signal.throwIfAborted();
          const source = await openSource(file, deps, { attempt: info.attempt, signal });
          try {
            if (file.mimeType === undefined) await detectMimeType(source);
          } finally {
            await source.close();
          }
        }
      },
    ),
  );
}
