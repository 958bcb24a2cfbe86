/**
 * What an activity returned, checked. An operator can complete an activity with anything (`temporal activity complete`), and
 * a value that is not the activity's own must neither block the workflow nor count as an answer of the provider.
 */

import type { CheckResult, UploadResult, UploadTrace } from '../contract/activities.js';
import { UploadFailedError } from '../contract/errors.js';
import { toApplicationFailure } from '../contract/failure.js';
import { fileState, type GeminiFile } from '../contract/file.js';
import { ACTIVITY } from '../contract/names.js';
import { formatValue } from '../contract/show.js';
import { isRecord } from '../util/is-record.js';

/** The attempt may still run: it can have finalized, or can do so before it learns that its activity has ended. */
const UNKNOWN: UploadTrace = { finalizing: true, earlierFinalize: true };

/** @throws ApplicationFailure if it is not the result of an upload of `name` */
export function parseUploadResult(result: unknown, name: string): UploadResult {
  if (isFile(result, name)) return { ...result, state: fileState(result.state) };
  const message = `The result of ${ACTIVITY.upload} is not the file ${name}: ${formatValue(result)}`;
  throw toApplicationFailure(new UploadFailedError(message, { id: name }), { details: [UNKNOWN] });
}

/** Undefined if it is not an answer about `name`. */
export function parseCheckResult(result: unknown, name: string): CheckResult | undefined {
  if (!isRecord(result)) return undefined;
  if (result.found === false) return result as unknown as CheckResult;
  const { found, file, keyFingerprint } = result;
  if (found !== true || !isFile(file, name)) return undefined;
  return {
    found: true,
    file: { ...file, state: fileState(file.state) },
    ...(typeof keyFingerprint === 'string' && { keyFingerprint }),
  };
}

function isFile(value: unknown, name: string): value is GeminiFile {
  return isRecord(value) && value.name === name && typeof value.uri === 'string';
}
