/** A hold: one file that stays usable for many callers, each with a lease. The options are those of an upload and the ones here. */

import type { FailureDetails } from './errors.js';
import {
  assertKnownOptions,
  defaulted,
  optional,
  readFields,
  required,
  type InputOf,
  type OutputOf,
} from './fields.js';
import { FILE_LIFETIME_MS, type ActiveFile } from './file.js';
import { duration, kind, text, textOfBytes, type Kind } from './kinds.js';
import {
  resolveUploadOptions,
  UPLOAD_FIELDS,
  type ResolvedUploadOptions,
  type UploadOptions,
} from './options.js';
import { invalidValue } from './invalid-option.js';
import { isRecord } from '../util/is-record.js';

const HOUR_MS = 3_600_000;

const leaseTime = duration(1000, 30 * 24 * HOUR_MS);
export const leaseId = text(128);
/** With Temporal's own bound: a signal to a longer id would block the workflow. */
const workflowId = textOfBytes(1000);

/** Id of a hold: the id of its workflow. */
export const holdId: Kind<string> = workflowId;

/** What a hold has beside the options of an upload. */
export const HOLD_FIELDS = {
  /** Duration of the first lease, from the moment when the file is first ACTIVE. */
  for: required(leaseTime),
  /** Id of the first lease. @default 'first' */
  leaseId: defaulted(leaseId, 'first'),
  /** How long the file is kept after the last lease, so that a later lease needs no upload. @default '0s' */
  linger: defaulted(duration(0, FILE_LIFETIME_MS), '0s'),
  /** How long before its `expirationTime` the file is uploaded again. @default '2h' */
  renewBefore: defaulted(duration(1000, 24 * HOUR_MS), '2h'),
  /** How long a replaced file stays, for prompts that are in progress. @default '10m' */
  grace: defaulted(duration(0, HOUR_MS), '10m'),
};

/**
 * What a hold has beside the options of an upload. Durations: milliseconds or a string such as `'5d'`.
 *
 * @interface
 */
export type HoldSettings = InputOf<typeof HOLD_FIELDS>;

/** Input of `holdActiveFile`: the options of the upload, and those of the hold. */
export type HoldOptions = UploadOptions & HoldSettings;

/** The input with its defaults; durations in milliseconds. */
export interface ResolvedHoldOptions extends OutputOf<typeof HOLD_FIELDS> {
  /** The options of the upload, with their defaults. */
  readonly upload: ResolvedUploadOptions;
}

/**
 * The options with their defaults filled in.
 *
 * @param input - the options, as a caller gave them
 * @throws InvalidOptionsError that names the field and its value
 * @throws UnsupportedProviderError if `provider` is not `google`
 */
export function resolveHoldOptions(input: unknown): ResolvedHoldOptions {
  assertKnownOptions({ ...UPLOAD_FIELDS, ...HOLD_FIELDS }, input, 'one object with the file and `for`');
  const upload = Object.fromEntries(
    Object.entries(input).filter(([name]) => !Object.hasOwn(HOLD_FIELDS, name)),
  );
  return { upload: resolveUploadOptions(upload), ...readFields(HOLD_FIELDS, input, invalidValue) };
}

/** Who is answered, by the signal `heldFileReady`. */
export interface ReplyTo {
  /** Id of the workflow. */
  readonly workflowId: string;
}

const isReplyTo = (value: unknown): value is ReplyTo =>
  isRecord(value) && workflowId.mismatch(value.workflowId) === undefined;

const replyTo: Kind<ReplyTo> = kind(
  {
    type: 'object',
    properties: { workflowId: { type: 'string' } },
    required: ['workflowId'],
    additionalProperties: false,
  },
  isReplyTo,
  'expected an object with the id of a workflow, workflowId',
  [],
);

export const ACQUIRE_FIELDS = {
  /** The lease; a repeated acquire extends it. */
  leaseId: required(leaseId),
  /** Duration of the lease from now on, or from the moment when the file is first ACTIVE, if that comes later. */
  for: required(leaseTime),
  /** The workflow that is answered with the signal `heldFileReady`: `{ workflowId }`. */
  replyTo: optional(replyTo),
};

/** What an acquire needs to be answered. */
export const REPLY_FIELDS = { leaseId: ACQUIRE_FIELDS.leaseId, replyTo: ACQUIRE_FIELDS.replyTo };

export const RELEASE_FIELDS = {
  /** The lease; one that does not exist is ignored. */
  leaseId: required(leaseId),
};

/**
 * Argument of the signal `acquireHold`.
 *
 * @interface
 */
export type AcquireHold = InputOf<typeof ACQUIRE_FIELDS>;

/**
 * Argument of the signal `releaseHold`.
 *
 * @interface
 */
export type ReleaseHold = InputOf<typeof RELEASE_FIELDS>;

/** Why there is no file: what a failure has on the wire. */
export interface HoldFailure {
  /** One of the contract's failure types, or `CancelledFailure`. */
  readonly type: string;
  /** What went wrong, for people. */
  readonly message: string;
  /** The failure's `details[0]`; absent if the failure is not one of the contract's. */
  readonly details?: FailureDetails;
}

/** Argument of the signal `heldFileReady`. It has either `file` or `failure`. */
export interface HeldFileReady {
  /** Id of the hold, which is the id of its workflow. */
  readonly holdId: string;
  /** The lease that is answered. */
  readonly leaseId: string;
  /** The file that can be used now. */
  readonly file?: ActiveFile;
  /** Why there is none. */
  readonly failure?: HoldFailure;
}

/** A lease whose file is ACTIVE. */
export interface AcquiredHold {
  /** Id of the hold, which is the id of its workflow. */
  readonly holdId: string;
  /** Id of the lease, to extend or release it. */
  readonly leaseId: string;
  /** The file when the lease was acquired. */
  readonly file: ActiveFile;
}

/**
 * Where a hold is. `renewing`: the file is uploaded again; `ending`: the last lease is over, and files are
 * deleted.
 */
export type HoldPhase = 'uploading' | 'processing' | 'active' | 'renewing' | 'ending' | 'done';

/** A lease of a hold. */
export interface HoldLease {
  /** Its id, chosen by who acquired it. */
  readonly id: string;
  /** When it ends, RFC 3339; null as long as it waits for a file. */
  readonly until: string | null;
}

/** Answer of the query `heldFile`. */
export interface HoldStatus {
  /** Where the hold is. */
  readonly phase: HoldPhase;
  /** The file that a prompt can use: ACTIVE, with at least a minute left. Null if there is none. */
  readonly file: ActiveFile | null;
  /** The leases that are not over. */
  readonly leases: readonly HoldLease[];
  /** How often the file was uploaded again. */
  readonly renewals: number;
  /** Why the last renewal failed; null once one has succeeded. */
  readonly lastError: {
    /** One of the contract's failure types, or `CancelledFailure`. */
    readonly type: string;
    /** What went wrong, for people. */
    readonly message: string;
  } | null;
}

/** Result of `holdActiveFile`. */
export interface HoldResult {
  /** How often the file was uploaded again. */
  readonly renewals: number;
  /** How many leases there were. */
  readonly leases: number;
  /** `failed` if a file could not be deleted and has not expired yet. */
  readonly cleanup: 'deleted' | 'failed';
}
