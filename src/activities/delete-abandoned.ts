/** Activity `geminiFilesDeleteAbandoned`, and the deletion behind it, which the command line uses too. */

import { Context, log } from '@temporalio/activity';
import type { Client } from '@temporalio/client';
import { ProviderError } from '../contract/errors.js';
import type { AbandonedDeletion, AbandonedFile } from '../contract/sweep.js';
import { WORKFLOW } from '../contract/names.js';
import { deleteIfVisible } from './delete-if-visible.js';
import type { ActivityDependencies } from './dependencies.js';
import { attemptScheduledMs, attemptTime } from './attempt-time.js';
import { withFailureMapping } from './failures.js';
import { abandonedInput, nameOf } from './input.js';
import { isOtherKey } from './other-key.js';
import { filesInUse, UseUnknownError } from './sweep/files-in-use.js';
import { useByOpenRuns, usesOfOpenRuns } from './sweep/open-runs.js';
import type { RunReader } from './sweep/run-history.js';
import { withKeyRotation } from './with-key-rotation.js';

export function deleteAbandoned(
  deps: ActivityDependencies,
  input: AbandonedFile,
): Promise<AbandonedDeletion> {
  const context = Context.current();
  const { leftMs } = attemptTime(context.info);
  const now = attemptScheduledMs(context.info);
  return withFailureMapping({ id: () => nameOf(input), leftMs }, async () => {
    const file = abandonedInput(input);
    const deletion = await deleteAbandonedFile(context.client, deps, file, context.cancellationSignal, now);
    if (deletion.outcome === 'kept')
      log.info('File kept: a run needs it', { file: file.name, reason: deletion.reason });
    else log.info(deletion.gone ? 'The file does not exist' : 'File deleted', { file: file.name });
    return deletion;
  });
}

type CheckedFile = {
  readonly [Field in keyof AbandonedFile]: AbandonedFile[Field] | undefined;
} & Pick<AbandonedFile, 'name' | 'workflowId' | 'runId'>;

/**
 * Deletes the file unless a run of its workflow id needs it, or an open run of another id uses it. The former was looked up
 * when the file was found; a reset may have started a run since, so it is looked up again right before the delete.
 *
 * @param now - milliseconds since the epoch
 * @param client - Temporal's client, which decides server, namespace and payload codec
 * @param deps - the settings of the worker
 * @param file - the file, as the search found it
 * @param signal - ends it early
 * @throws GeminiApiError or ProviderError if it is not known that the file is deleted
 */
export async function deleteAbandonedFile(
  client: Client,
  deps: ActivityDependencies,
  file: CheckedFile,
  signal?: AbortSignal,
  now: number = Date.now(),
): Promise<AbandonedDeletion> {
  const { name, credentials, keyFingerprint } = file;
  const reason = await reasonToKeep({ client, onRead: () => undefined, now }, file);
  if (reason !== undefined) return { outcome: 'kept', reason };
  let apiKey = '';
  const deleted = await withKeyRotation(deps, credentials, (connection) => {
    apiKey = connection.apiKey;
    return deleteIfVisible(connection, name, signal);
  });
  if (!deleted && isOtherKey(keyFingerprint, apiKey)) throw deniedToOtherKey(name);
  return { outcome: 'deleted', ...(!deleted && { gone: true }) };
}

async function reasonToKeep(reader: RunReader, file: CheckedFile): Promise<string | undefined> {
  try {
    const needed = await filesInUse(reader, file);
    if (needed.has(file.name)) return 'another run of its workflow id needs it';
    // Last, so that as little time as possible is between it and the delete. Only a wait uses the file of another workflow id.
    const uses = await usesOfOpenRuns(reader.client, [WORKFLOW.waitActive]);
    return useByOpenRuns(uses, file.name);
  } catch (error) {
    if (error instanceof UseUnknownError) return error.message;
    throw error;
  }
}

function deniedToOtherKey(name: string): ProviderError {
  return new ProviderError(
    `The provider denied ${name}, but that does not prove that it is deleted: the API key is not the one that uploaded it`,
    { id: name },
  );
}
