/**
 * The activities can be called by any workflow: what they are given is checked again. Unknown fields are ignored, because a
 * workflow of a newer version, which may share the task queue, can send more.
 */

import * as v from 'valibot';
import type { CheckInput, DeleteInput, UploadInput } from '../contract/activities.js';
import { InvalidOptionsError } from '../contract/errors.js';
import { credentials, resolveUploadOptions, text, type ResolvedUploadOptions } from '../contract/options.js';
import { show } from '../contract/show.js';
import { FILE_NAME_RULE, isFileName } from '../gemini/file-name.js';
import { SWEEP_BOUNDS, type AbandonedFile, type FindAbandonedInput } from '../contract/sweep.js';

/** A sealed session: more than any URL that fits into the head of an HTTP answer. */
const MAX_SEALED = 64 * 1024;

const name = v.pipe(
  v.string(),
  v.check((given: string) => isFileName(given), FILE_NAME_RULE),
);

const millis = v.pipe(v.number('expected a number of milliseconds'), v.finite('expected a finite number'));

const fingerprint = v.pipe(v.string(), v.regex(/^[0-9a-f]{16}$/, 'expected 16 hexadecimal digits'));

const CheckSchema = v.object({
  name,
  credentials: v.optional(credentials),
  deadlineMs: v.optional(millis),
  keyFingerprint: v.optional(fingerprint),
});
const DeleteSchema = v.object({
  name,
  credentials: v.optional(credentials),
  session: v.optional(text(MAX_SEALED)),
  keyFingerprint: v.optional(fingerprint),
  settleMs: v.optional(millis),
  mayReappear: v.optional(v.boolean()),
});
const UploadSchema = v.looseObject({ name });
/** The options that the upload activity knows; their check is that of the workflow. */
const UPLOAD_OPTIONS: ReadonlySet<string> = new Set([
  'path',
  'provider',
  'displayName',
  'mimeType',
  'credentials',
]);
const FindAbandonedSchema = v.object({
  query: v.optional(text(SWEEP_BOUNDS.queryLength)),
  olderThanMs: v.pipe(millis, v.minValue(0, 'expected at least 0'), v.maxValue(SWEEP_BOUNDS.maxOlderThan)),
});
const AbandonedSchema = v.object({
  name,
  // Workflow ids may hold any character.
  workflowId: v.string(),
  runId: v.string(),
  credentials: v.optional(credentials),
  keyFingerprint: v.optional(text(SWEEP_BOUNDS.fingerprintLength)),
});

/** What the upload activity uses. */
export interface CheckedUpload extends Pick<
  ResolvedUploadOptions,
  'path' | 'displayName' | 'mimeType' | 'credentials'
> {
  readonly name: string;
}

/** @throws InvalidOptionsError that names the field and its value; so do the others */
export const checkInput = (input: CheckInput): v.InferOutput<typeof CheckSchema> =>
  parsed(CheckSchema, input);
export const deleteInput = (input: DeleteInput): v.InferOutput<typeof DeleteSchema> =>
  parsed(DeleteSchema, input);
export function uploadInput(input: UploadInput): CheckedUpload {
  const { name: file, ...given } = parsed(UploadSchema, input);
  const known = Object.entries(given).filter(([field]) => UPLOAD_OPTIONS.has(field));
  return { name: file, ...resolveUploadOptions(Object.fromEntries(known)) };
}
export const findAbandonedInput = (input: FindAbandonedInput): v.InferOutput<typeof FindAbandonedSchema> =>
  parsed(FindAbandonedSchema, input);
export const abandonedInput = (input: AbandonedFile): v.InferOutput<typeof AbandonedSchema> =>
  parsed(AbandonedSchema, input);

/** The name in an input that was not checked, for a failure that is to say which file it is about. */
export function nameOf(input: unknown): string | undefined {
  const given = (input as { name?: unknown } | null | undefined)?.name;
  return isFileName(given) ? given : undefined;
}

function parsed<S extends v.GenericSchema>(schema: S, input: unknown): v.InferOutput<S> {
  const result = v.safeParse(schema, input, { abortPipeEarly: true });
  if (result.success) return result.output;
  const [issue] = result.issues;
  const field = v.getDotPath(issue);
  if (!field) throw new InvalidOptionsError(`Invalid input: expected one object, got ${show(input)}`);
  // The seal of a session is no secret, and nothing to read either.
  const got = field === 'session' ? '' : `, got ${show(issue.input)}`;
  throw new InvalidOptionsError(`Invalid option ${field}: ${issue.message}${got}`);
}
