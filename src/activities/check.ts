/** Activity `geminiFilesCheck`. */

import { Context, log } from '@temporalio/activity';
import type { CheckInput, CheckResult } from '../contract/activities.js';
import { GeminiApiError, getFile } from '../gemini/index.js';
import type { ActivityDependencies } from './dependencies.js';
import { closesAt, failing } from './failures.js';
import { checkInput, nameOf } from './input.js';
import { withConnection } from './with-connection.js';
import { countCheck, providerNow, recordOvershoot } from './metrics.js';

/** Asks for the file once. A file that the provider denies is an answer, not a failure. */
export async function check(deps: ActivityDependencies, input: CheckInput): Promise<CheckResult> {
  const { info, cancellationSignal } = Context.current();
  const deadline = Math.min(closesAt(info), Number(input?.deadlineMs ?? Number.POSITIVE_INFINITY));
  return failing(
    () => nameOf(input),
    deadline,
    async () => {
      const { name, credentials, deadlineMs } = checkInput(input);
      let clock: number | undefined;
      try {
        const file = await withConnection(deps, credentials, (connection) =>
          getFile(
            {
              ...connection,
              onOutcome: (outcome) => {
                clock = outcome.dateMs;
                connection.onOutcome?.(outcome);
              },
            },
            name,
            cancellationSignal,
          ),
        );
        countCheck(file.state);
        log.debug('File checked', { file: file.name, state: file.state });
        // Without a deadline it is no wait that noticed.
        if (file.state === 'ACTIVE' && deadlineMs !== undefined)
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
