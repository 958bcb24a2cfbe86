/** The id of a file's run, with the file's name for people: an unchanged file has the same id, so that a second `upload` attaches to an open run. */

import { createHash } from 'node:crypto';
import { hostname, userInfo } from 'node:os';
import type { SourceFingerprint } from '../../contract/activities.js';
import type { FileOrigin } from '../../contract/options.js';
import { lastSegment, toIdPart } from '../../contract/show.js';
import { fileNameOf } from '../../contract/source.js';
import type { WaitOptions } from '../../contract/wait-options.js';

export interface RunId {
  readonly workflowId: string;
  /** Queue of only this file's runs: a worker in another `upload` may not read the file. */
  readonly taskQueue: string;
}

/**
 * A source's query tells its run from others, but is hashed only: it may hold a secret, and ids are shown.
 *
 * @param endpoint - the Gemini endpoint: a file at the emulator does not exist at the real API
 */
export function toRunId(
  origin: FileOrigin,
  { sizeBytes, version }: SourceFingerprint,
  endpoint: string,
): RunId {
  const identity = [origin.path ?? origin.source, sizeBytes, version, endpoint];
  return runIdOf('upload', fileNameOf(origin), identity);
}

/** The run of a wait: the same for the same wait, so that the command takes over a run that an earlier one has left open. */
export function toWaitRunId(options: WaitOptions, endpoint: string): RunId {
  return runIdOf('wait', lastSegment(options.id), [options, endpoint]);
}

const BATCH_QUEUES = 'gemini-files-uploads-';

/**
 * Queue of the workflows of a batch: the same for all batches of a user on a host, so that a file's run can be taken over by any later
 * command. Workflows read no file; the activities have the file's own queue.
 */
export function batchQueue(): string {
  return `${BATCH_QUEUES}${hashOf([hostname(), process.getuid?.() ?? userInfo().username])}`;
}

/**
 * Whether an `upload` itself works on the workflows of a run that it follows, and not workers of others. The batch that has started the run
 * may have had another queue than one of now: the name of a host changes.
 */
export function isUploadQueue(taskQueue: string, { taskQueue: own }: RunId): boolean {
  return taskQueue === own || taskQueue.startsWith(BATCH_QUEUES);
}

/**
 * @param name - shown to people
 * @param identity - runs for which this is equal are one run
 */
function runIdOf(command: string, name: string, identity: readonly unknown[]): RunId {
  const hash = hashOf(identity);
  return {
    workflowId: `gemini-files-${toIdPart(name)}-${hash}`,
    taskQueue: `gemini-files-${command}-${hash}`,
  };
}

/** What tells the run from others in its id, without the name, which can be too long for a file's name. */
export function shortIdOf(workflowId: string): string {
  return /[0-9a-f]{20}(-\d+)?$/.exec(workflowId)?.[0] ?? hashOf([workflowId]);
}

function hashOf(identity: readonly unknown[]): string {
  return createHash('sha256').update(JSON.stringify(identity)).digest('hex').slice(0, 20);
}
