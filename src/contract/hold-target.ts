/** Which hold a caller means. */

import { InvalidOptionsError } from './errors.js';
import { optional, readFields, type InputOf, type OutputOf } from './fields.js';
import { holdId, resolveHoldOptions, type HoldOptions, type ResolvedHoldOptions } from './hold.js';
import type { IdentifyResult } from './identify.js';
import { oneOf } from './kinds.js';
import { invalidValue } from './invalid-option.js';

const HOLD_TARGET_FIELDS = {
  /** Id of the hold, which is the id of its workflow. Callers that use the same id share one file; by default a new one. */
  holdId: optional(holdId),
  /**
   * `content` derives the id of the hold from the content: the same bytes are uploaded once, under any path. A client asks the workflow
   * `contentHoldId` for it, which the worker has to have.
   */
  reuse: optional(oneOf('content')),
};

/**
 * Which hold a caller means.
 *
 * @interface
 */
export type HoldTarget = InputOf<typeof HOLD_TARGET_FIELDS>;

export interface HoldRequest extends OutputOf<typeof HOLD_TARGET_FIELDS> {
  /** Input of the workflow `holdActiveFile`, as it was given. */
  readonly input: HoldOptions;
  readonly options: ResolvedHoldOptions;
}

/** @throws InvalidOptionsError that names the field and its value; UnsupportedProviderError */
export function resolveHoldRequest(given: HoldOptions & HoldTarget): HoldRequest {
  const own = Object.entries(Object(given) as object).filter(
    ([name]) => !Object.hasOwn(HOLD_TARGET_FIELDS, name),
  );
  const input = Object.fromEntries(own) as unknown as HoldOptions;
  const target = readFields(HOLD_TARGET_FIELDS, Object(given) as Record<string, unknown>, invalidValue);
  if (target.holdId !== undefined && target.reuse !== undefined)
    throw new InvalidOptionsError('Invalid options holdId and reuse: expected at most one of them, got both');
  return { ...target, input, options: resolveHoldOptions(input) };
}

/** The id of the hold of a content: what differs in any of these is another file at the provider. */
export function toContentHoldId(
  { sha256, mimeType, baseUrlSha256 }: IdentifyResult,
  credentials: string | undefined,
): string {
  const parts = [sha256, baseUrlSha256.slice(0, 16), mimeType.toLowerCase(), credentials ?? ''];
  return `gemini-files-content:${parts.join(':')}`;
}
