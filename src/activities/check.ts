/** Activity `geminiFilesCheck`. */

import { Context, log } from '@temporalio/activity';
import type { CheckInput, CheckResult } from '../contract/activities.js';
import { GeminiApiError, getFile, type GeminiConnection } from '../gemini/index.js';
import type { ActivityDependencies } from './dependencies.js';
import { closesAt, failing } from './failures.js';
import { assertFileName } from './input.js';
import { countCheck, providerNow, recordOvershoot } from './metrics.js';

/** Asks for the file once. A file that the provider denies is an answer, not a failure. */
export async function check(deps: ActivityDependencies, input: CheckInput): Promise<CheckResult> {
  const { info, cancellationSignal } = Context.current();
  const deadline = Math.min(closesAt(info), input.deadlineMs ?? Number.POSITIVE_INFINITY);
  return failing(
    () => input.name,
    deadline,
    async () => {
      assertFileName(input.name);
      const connection = await deps.connect(input.credentials);
      let clock: number | undefined;
      const watched: GeminiConnection = {
        ...connection,
        onOutcome: (outcome) => {
          clock = outcome.dateMs;
          connection.onOutcome?.(outcome);
        },
      };
      try {
        const file = await getFile(watched, input.name, cancellationSignal);
        countCheck(file.state);
        log.debug('File checked', { file: file.name, state: file.state });
        // Without a deadline it is no wait that noticed.
        if (file.state === 'ACTIVE' && input.deadlineMs !== undefined)
          recordOvershoot(file.updateTime, providerNow(clock));
        return { found: true, file };
      } catch (error) {
        if (!(error instanceof GeminiApiError) || error.kind !== 'missing') throw error;
        countCheck('missing');
        return { found: false, status: error.status ?? 404, message: error.message };
      }
    },
  );
}
