/** Activity `geminiFilesCheck`. */

import { Context } from '@temporalio/activity';
import type { CheckInput, CheckResult } from '../contract/activities.js';
import { GeminiApiError, getFile } from '../gemini/index.js';
import type { ActivityDependencies } from './dependencies.js';
import { closesAt, failing } from './failures.js';
import { checkInput, nameOf } from './input.js';
import { withConnection } from './with-connection.js';

/** Asks for the file once. A file that the provider denies is an answer, not a failure. */
export async function check(deps: ActivityDependencies, input: CheckInput): Promise<CheckResult> {
  const { info, cancellationSignal } = Context.current();
  const deadline = Math.min(closesAt(info), Number(input?.deadlineMs ?? Number.POSITIVE_INFINITY));
  return failing(
    () => nameOf(input),
    deadline,
    async () => {
      const { name, credentials } = checkInput(input);
      try {
        const file = await withConnection(deps, credentials, (connection) =>
          getFile(connection, name, cancellationSignal),
        );
        return { found: true, file };
      } catch (error) {
        if (!(error instanceof GeminiApiError) || error.kind !== 'missing') throw error;
        return { found: false, status: error.status ?? 404, message: error.message };
      }
    },
  );
}
