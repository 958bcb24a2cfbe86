/** What a failure of the contract says beside its type and its message. */

import { ERROR_KINDS, OPERATIONS, type ErrorKind, type Operation } from './error-kind.js';

const CLEANUPS = ['deleted', 'kept', 'failed'] as const;

/** What became of the file after a failure: deleted, kept on request, or still there because the delete failed. */
export type Cleanup = (typeof CLEANUPS)[number];

/** `details[0]` of a failure on the wire. */
export interface FailureDetails {
  /** Always `google`, unless the input named another one. */
  readonly provider: string;
  /** The file's name, `files/…`; absent if nothing was ever sent to the provider. */
  readonly id?: string;
  /** The file's last known state. */
  readonly state?: string;
  /** The HTTP status behind the failure. */
  readonly status?: number;
  /** What the provider's answer, or the lack of one, meant; absent if the provider is not the reason, and in failures of 0.1.0. */
  readonly kind?: ErrorKind;
  /** The request to the provider that failed; present together with `kind`. */
  readonly operation?: Operation;
  /** How many checks had answered. */
  readonly polls?: number;
  /** What became of the file; absent if there was none, or if it was gone by itself. */
  readonly cleanup?: Cleanup;
}

/**
 * What an error of the contract is made with: its details, and its cause.
 *
 * @interface
 */
export type ErrorFields = Partial<FailureDetails> & {
  /** The error behind it. */
  readonly cause?: unknown;
};

/** What a `SourceError` is made with. */
export interface SourceErrorFields extends ErrorFields {
  /** Whether the same request may succeed later. @default false */
  readonly retryable?: boolean;
  /** Milliseconds after which the source asks to be tried again. */
  readonly retryAfterMs?: number;
}

const isText = (value: unknown) => typeof value === 'string';
const isNumber = (value: unknown) => typeof value === 'number';
const isOneOf = (values: readonly unknown[]) => (value: unknown) => values.includes(value);

/** Each detail, in the order in which they are shown, and whether a value can be one. */
const DETAILS: Readonly<Record<keyof FailureDetails, (value: unknown) => boolean>> = {
  provider: isText,
  id: isText,
  state: isText,
  status: isNumber,
  kind: isOneOf(ERROR_KINDS),
  operation: isOneOf(OPERATIONS),
  polls: isNumber,
  cleanup: isOneOf(CLEANUPS),
};

/** The details in `source`, without invalid values: `source` may come from the wire, so any program may have written it. */
export function pickDetails(source: unknown): Partial<FailureDetails> {
  const given = Object(source) as Record<string, unknown>;
  const names = Object.keys(DETAILS) as (keyof FailureDetails)[];
  return Object.fromEntries(
    names.filter((name) => DETAILS[name](given[name])).map((name) => [name, given[name]]),
  );
}
