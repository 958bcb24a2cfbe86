/** The activities can be called by any workflow: what they are given is checked again. */

import * as v from 'valibot';
import type { CheckInput, DeleteInput, UploadInput } from '../contract/activities.js';
import { InvalidOptionsError } from '../contract/errors.js';
import { credentials, text } from '../contract/options.js';
import { show } from '../contract/show.js';
import { FILE_NAME_RULE, isFileName } from '../gemini/file-name.js';
import { isKeyFingerprint, KEY_FINGERPRINT_RULE } from '../gemini/seal.js';
import { SWEEP_BOUNDS, type AbandonedFile, type FindAbandonedInput } from '../contract/sweep.js';

/** A sealed session: more than any URL that fits into the head of an HTTP answer. */
const MAX_SEALED = 64 * 1024;

/** Position of a search: it holds a page token of the server. */
const MAX_POSITION = 64 * 1024;

const name = v.pipe(
  v.string(),
  v.check((given: string) => isFileName(given), FILE_NAME_RULE),
);

const millis = v.pipe(v.number('expected a number of milliseconds'), v.finite('expected a finite number'));

const fingerprint = v.pipe(
  v.string(),
  v.check((given: string) => isKeyFingerprint(given), KEY_FINGERPRINT_RULE),
);

// Unknown fields are ignored: a workflow of a newer version may send more.
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
/** The rest of it is the workflow's own options, whose check is the contract's. */
const UploadSchema = v.looseObject({ name });
const FindAbandonedSchema = v.object({
  query: v.optional(text(SWEEP_BOUNDS.queryLength)),
  olderThanMs: v.pipe(millis, v.minValue(0, 'expected at least 0'), v.maxValue(SWEEP_BOUNDS.maxOlderThan)),
  limit: v.optional(v.pipe(millis, v.minValue(1, 'expected at least 1'))),
  after: v.optional(text(MAX_POSITION)),
});
const AbandonedSchema = v.object({
  name,
  // Workflow ids may hold any character.
  workflowId: v.string(),
  runId: v.string(),
  credentials: v.optional(credentials),
  keyFingerprint: v.optional(fingerprint),
});

/** @throws InvalidOptionsError that names the field and its value; so do the others */
export const checkInput = (input: CheckInput): v.InferOutput<typeof CheckSchema> =>
  parsed(CheckSchema, input);
export const deleteInput = (input: DeleteInput): v.InferOutput<typeof DeleteSchema> =>
  parsed(DeleteSchema, input);
export const uploadInput = (input: UploadInput): v.InferOutput<typeof UploadSchema> =>
  parsed(UploadSchema, input);
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
