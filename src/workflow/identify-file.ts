/** The workflow that tells what a file is. */

import { ActivityFailure, isCancellation, proxyActivities } from '@temporalio/workflow';
import { UploadFailedError } from '../contract/errors.js';
import { toApplicationFailure } from '../contract/failure.js';
import {
  resolveIdentifyOptions,
  type FileIdentity,
  type IdentifyActivities,
  type IdentifyInput,
  type IdentifyOptions,
  type IdentifyResult,
  type ResolvedIdentifyOptions,
} from '../contract/identify.js';
import { ACTIVITY } from '../contract/names.js';
import { formatValue } from '../contract/show.js';
import { summaryOf } from '../contract/source.js';
import { isRecord } from '../util/is-record.js';
import { fromActivityFailure } from './failures.js';
import { queueOf, READING } from './proxies.js';
import { asApplicationFailure } from './upload-and-wait-active.js';

/**
 * Reads a file on a worker, with the same checks as an upload, and returns the SHA-256 of its content, its size and the MIME type that
 * an upload would declare. Nothing is sent to the provider.
 *
 * @param input - the file
 * @throws ApplicationFailure whose `type` is one of the contract's; `details[0]` is a `FailureDetails`
 *
 * @example
 * ```ts
 * import { identifyFile } from 'temporal-gemini-files/workflow';
 *
 * const { sha256 } = await identifyFile({ path: 'talks/intro.mp4' });
 * ```
 */
export async function identifyFile(input: IdentifyOptions): Promise<FileIdentity> {
  const { sha256, sizeBytes, mimeType } = await identify(
    asApplicationFailure(() => resolveIdentifyOptions(input)),
  );
  return { sha256, sizeBytes, mimeType };
}

/** The same, with what the worker says of the API that it would upload to. */
export async function identify({
  path,
  source,
  mimeType,
  credentials,
  taskQueue,
  uploadTimeout,
}: ResolvedIdentifyOptions): Promise<IdentifyResult> {
  const file = summaryOf({ path, source });
  const { geminiFilesIdentify } = proxyActivities<IdentifyActivities>({
    ...queueOf({ taskQueue }),
    summary: `identify ${file}`,
    scheduleToCloseTimeout: uploadTimeout,
    ...READING,
  });
  try {
    // JSON leaves out what is undefined.
    return checkedIdentity(
      await geminiFilesIdentify({ path, source, mimeType, credentials } as IdentifyInput),
    );
  } catch (error) {
    if (!(error instanceof ActivityFailure) || isCancellation(error)) throw error;
    throw toApplicationFailure(fromActivityFailure(error, `The reading of ${file}`));
  }
}

/** An operator can complete an activity with anything: see `activity-results.ts`. */
function checkedIdentity(result: unknown): IdentifyResult {
  const isHash = (value: unknown) => typeof value === 'string' && /^[0-9a-f]{64}$/.test(value);
  const isIdentity = (value: Record<string, unknown>) =>
    isHash(value.sha256) &&
    Number.isSafeInteger(value.sizeBytes) &&
    typeof value.mimeType === 'string' &&
    isHash(value.baseUrlSha256);
  if (isRecord(result) && isIdentity(result)) return result as unknown as IdentifyResult;
  throw toApplicationFailure(
    new UploadFailedError(
      `The result of ${ACTIVITY.identify} is not a file's identity: ${formatValue(result)}`,
    ),
  );
}
