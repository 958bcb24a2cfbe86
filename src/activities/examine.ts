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
        // Not asked again: each answer of a silent server is waited for, and there can be hundreds of its files.
        const unavailable = new Set<string>();
        for (const file of examineInput(input)) {
          signal.throwIfAborted();
          const place = placeOf(file);
          if (place !== undefined && unavailable.has(place)) continue;
          const passing = await examineSource(file, deps, { attempt: info.attempt, signal });
          if (!passing || place === undefined) continue;
          unavailable.add(place);
          log.warn('A source is unavailable; its files are left to their uploads, which try again', {
            reason: passing.message,
          });
        }
      },
    ),
  );
}

/** The server or the named source that answers for the file; undefined for one on a disk. */
function placeOf({ source }: ExaminedFile): string | undefined {
  if (source === undefined) return undefined;
  const address = parseSource(source);
  return address.type === 'https' ? new URL(address.url).origin : address.name;
}
