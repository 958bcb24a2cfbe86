/** Activity `geminiFilesExamine`: opens the files of a batch as their uploads would, and sends nothing. */

import { Context, log } from '@temporalio/activity';
import type { ExaminedFile, ExamineInput } from '../contract/examine.js';
import { parseSource } from '../contract/source.js';
import { examineSource } from '../sources/index.js';
import { attemptTime } from './attempt-time.js';
import type { ActivityDependencies } from './dependencies.js';
import { withFailureMapping } from './failures.js';
import { withHeartbeat } from './heartbeat.js';
import { examineInput } from './input.js';

/**
 * After so many files of a source in a row, the source is not asked for more: each answer of a silent server is waited for, and there can be
 * hundreds of its files.
 */
const MAX_FAILURES_IN_ROW = 3;

/**
 * Fails with what the upload of the first file that cannot be uploaded would fail with. A source that is only unavailable is left to the
 * uploads, which try again until their `uploadTimeout`.
 */
export async function examine(deps: ActivityDependencies, input: ExamineInput): Promise<void> {
  const { info } = Context.current();
  const { leftMs } = attemptTime(info);
  return withFailureMapping({ id: () => undefined, leftMs }, () =>
    withHeartbeat(
      () => undefined,
      async ({ ended: signal }) => {
        const failuresInRow = new Map<string, number>();
        for (const file of examineInput(input)) {
          signal.throwIfAborted();
          const place = placeOf(file);
          const failures = failuresInRow.get(place) ?? 0;
          if (failures >= MAX_FAILURES_IN_ROW) continue;
          const passing = await examineSource(file, deps, { attempt: info.attempt, signal });
          failuresInRow.set(place, passing ? failures + 1 : 0);
          if (passing)
            log.warn('A source is unavailable; its files are left to their uploads, which try again', {
              reason: passing.message,
            });
        }
      },
    ),
  );
}

/** The server or the named source that answers for the file; empty for the disks. */
function placeOf({ source }: ExaminedFile): string {
  if (source === undefined) return '';
  const address = parseSource(source);
  return address.type === 'https' ? new URL(address.url).origin : address.name;
}
