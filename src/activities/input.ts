/**
 * The activities can be called by any workflow: what they are given is checked again. Unknown fields are ignored, because a
 * workflow of a newer version, which may share the task queue, can send more.
 */

import {
  MAX_EARLIER_RUNS,
  type CheckInput,
  type DeleteInput,
  type UploadInput,
} from '../contract/activities.js';
import { InvalidOptionsError } from '../contract/errors.js';
import { fileName, isFileName } from '../contract/file-name.js';
import type { ExamineInput } from '../contract/examine.js';
import type { IdentifyInput } from '../contract/identify.js';
import { optional, readFields, required, type Fields, type OutputOf } from '../contract/fields.js';
import { boolean, number, numberBetween, string, text } from '../contract/kinds.js';
import { assertOneOrigin, assertSupportedProvider, credentials, UPLOAD_FIELDS } from '../contract/options.js';
import { formatValue } from '../contract/show.js';
import { SWEEP_BOUNDS, type AbandonedFile, type FindAbandonedInput } from '../contract/sweep.js';
import { invalidValue } from '../contract/invalid-option.js';
import { isUploadName, UPLOAD_NAME_RULE } from '../gemini/file-name.js';
import { isKeyFingerprint, KEY_FINGERPRINT_RULE } from '../gemini/seal.js';
import { isRecord } from '../util/is-record.js';

/** A sealed session: more than any URL that fits into the head of an HTTP answer. */
const MAX_SEALED = 64 * 1024;

/** Position of a search: it holds a page token of the server. */
const MAX_POSITION = 64 * 1024;

/** A file that exists. */
const name = required(fileName);
/** A file that an upload creates, or has created. */
const uploadName = required(string([isUploadName, UPLOAD_NAME_RULE]));
const millis = number([Number.isFinite, 'expected a finite number']);
const fingerprint = string([isKeyFingerprint, KEY_FINGERPRINT_RULE]);

const CHECK = {
  name,
  credentials: optional(credentials),
  deadlineMs: optional(millis),
  keyFingerprint: optional(fingerprint),
};
const DELETE = {
  name,
  credentials: optional(credentials),
  // It is not secret, but it means nothing to a reader.
  session: optional({ ...text(MAX_SEALED), concealed: true }),
  keyFingerprint: optional(fingerprint),
  settleMs: optional(millis),
  mayReappear: optional(boolean),
  unseen: optional(boolean),
};
const { path, source, displayName, mimeType } = UPLOAD_FIELDS;
const UPLOAD = { name: uploadName, path, source, displayName, mimeType, credentials: optional(credentials) };
const IDENTIFY = { path, source, mimeType, credentials: optional(credentials) };
const EXAMINED = { path, source, mimeType };
const FIND_ABANDONED = {
  query: optional(text(SWEEP_BOUNDS.queryLength)),
  olderThanMs: required(numberBetween(0, SWEEP_BOUNDS.maxOlderThan)),
  limit: optional(number([(value) => value >= 1, 'expected at least 1'])),
  after: optional(text(MAX_POSITION)),
};
const ABANDONED = {
  name: uploadName,
  // Workflow ids may hold any character.
  workflowId: required(string()),
  runId: required(string()),
  credentials: optional(credentials),
  keyFingerprint: optional(fingerprint),
};

/** @throws InvalidOptionsError that names the field and its value; so do the others */
export const checkInput = (input: CheckInput): OutputOf<typeof CHECK> => parsed(CHECK, input);
export const deleteInput = (input: DeleteInput): OutputOf<typeof DELETE> => parsed(DELETE, input);
/** @throws UnsupportedProviderError too: a newer workflow may know more providers, and this one must not take their files */
export function uploadInput(input: UploadInput): OutputOf<typeof UPLOAD> {
  const upload = parsed(UPLOAD, input);
  assertOneOrigin(input);
  assertSupportedProvider((input as { provider?: unknown }).provider);
  return upload;
}
/** The runs that ended during an attempt at the upload; none if they cannot be read: then nothing is known of them. */
export function earlierRuns(input: UploadInput | DeleteInput): readonly string[] {
  const given = (input as { earlierRuns?: unknown } | null | undefined)?.earlierRuns;
  return Array.isArray(given)
    ? given.filter((run) => typeof run === 'string').slice(0, MAX_EARLIER_RUNS)
    : [];
}
export const identifyInput = (input: IdentifyInput): OutputOf<typeof IDENTIFY> => parsed(IDENTIFY, input);
export const findAbandonedInput = (input: FindAbandonedInput): OutputOf<typeof FIND_ABANDONED> =>
  parsed(FIND_ABANDONED, input);
export const abandonedInput = (input: AbandonedFile): OutputOf<typeof ABANDONED> => parsed(ABANDONED, input);

/** The files, each with one of `path` and `source`. */
export function examineInput(input: ExamineInput): OutputOf<typeof EXAMINED>[] {
  const files: unknown = isRecord(input) ? input.files : parsed({}, input);
  if (!Array.isArray(files)) throw invalidValue('files', 'expected a list', files);
  return files.map((file: unknown) => {
    const examined = parsed(EXAMINED, file);
    assertOneOrigin(file as object);
    return examined;
  });
}

/** The name in an input that was not checked, for a failure that is to say which file it is about. */
export function nameOf(input: unknown): string | undefined {
  const given = (input as { name?: unknown } | null | undefined)?.name;
  return isFileName(given) ? given : undefined;
}

function parsed<F extends Fields>(fields: F, input: unknown): OutputOf<F> {
  if (!isRecord(input))
    throw new InvalidOptionsError(`Invalid input: expected one object, got ${formatValue(input)}`);
  return readFields(fields, input, invalidValue);
}
