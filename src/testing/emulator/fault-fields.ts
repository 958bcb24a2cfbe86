/** What each kind of fault is for, and its fields. */

import { optional, required, type Field } from '../../contract/fields.js';
import {
  TARGETS,
  type FaultAction,
  type FaultMatch,
  type FaultTarget,
  type SlowFinalizeFault,
} from './fault.js';
import {
  answerStatus,
  anyOffset,
  boolean,
  bytes,
  clockMs,
  fileName,
  headers,
  interimStatus,
  json,
  oneOf,
  or,
  positive,
  realMs,
  text,
  times,
  wholeNumber,
} from './fault-kinds.js';

/** A field for each of T's, required if T requires it. */
type FieldsOf<T> = {
  readonly [K in Exclude<keyof T, 'do'>]-?: Field<
    never,
    unknown,
    Partial<Pick<T, K>> extends Pick<T, K> ? 'optional' : 'required'
  >;
};

interface Action<T> {
  /** Targets at which the fault has an effect. */
  readonly on: readonly FaultTarget[];
  readonly fields: FieldsOf<T>;
}

/** Requests that name an upload's session. */
const IN_SESSION: FaultTarget[] = ['upload', 'finalize', 'query', 'cancel', '*'];
/** Requests whose answers hold files. */
const WITH_FILES: FaultTarget[] = ['upload', 'finalize', 'query', 'multipart', 'get', 'list', '*'];
/** Requests with a body. */
const WITH_BODY: FaultTarget[] = [
  'start',
  'upload',
  'finalize',
  'multipart',
  'generateContent',
  'streamGenerateContent',
  'countTokens',
  '*',
];

/** Requests that a single field is for, where that is less than what the fault is for. */
export const FIELD_TARGETS: Readonly<Record<string, readonly FaultTarget[]>> = {
  /** Before its body is read, a request names its file in its path or by its session, or not at all. */
  file: [...IN_SESSION.slice(0, -1), 'get', 'delete', '*'],
  final: ['start', 'upload', 'finalize', 'query', 'cancel', 'multipart', '*'],
  afterTotalBytes: ['upload', 'finalize', 'multipart', '*'],
};

export const MATCH_FIELDS: FieldsOf<FaultMatch> = {
  on: required(oneOf(...TARGETS)),
  times: optional(times),
  skip: optional(wholeNumber(0)),
  file: optional(fileName),
};

export const ANSWER_FIELDS: FieldsOf<Extract<SlowFinalizeFault['answer'], object>> = {
  status: required(answerStatus),
  json: optional(json),
  text: optional(text),
  headers: optional(headers),
};

const work = optional(oneOf('before', 'after'));
const persist = optional(oneOf('all', 'granular', 'none'));
const endSession = { on: IN_SESSION, fields: {} };

export const ACTIONS = {
  respond: {
    on: TARGETS,
    fields: { ...ANSWER_FIELDS, final: optional(boolean), work, early: optional(boolean) },
  },
  inform: { on: TARGETS, fields: { status: required(interimStatus) } },
  delay: { on: TARGETS, fields: { ms: required(realMs) } },
  stall: { on: TARGETS, fields: { afterBytes: optional(bytes), work, persist } },
  reset: { on: TARGETS, fields: { afterBytes: optional(bytes), afterTotalBytes: optional(bytes), persist } },
  loseAnswer: { on: TARGETS, fields: {} },
  cutAnswer: { on: TARGETS, fields: { afterBytes: optional(bytes) } },
  expireSession: endSession,
  terminateSession: endSession,
  cancelSession: endSession,
  rollBack: { on: IN_SESSION, fields: { requests: optional(wholeNumber(0)) } },
  reportOffset: { on: ['query', '*'], fields: { bytes: required(anyOffset) } },
  stripUploadHeaders: { on: TARGETS, fields: {} },
  omitState: { on: WITH_FILES, fields: {} },
  wrongHash: { on: WITH_FILES, fields: { sha256: optional(text) } },
  pace: { on: WITH_BODY, fields: { bytesPerSecond: required(positive) } },
  slowFinalize: {
    on: ['finalize'],
    fields: {
      ms: required(clockMs),
      // An answer of one's own is an object, which `checkFault` checks as an answer.
      answer: optional(or((value) => json.mismatch(value) === undefined, oneOf('outcome', 'reset'))),
      answerAfterMs: optional(clockMs),
      query: optional(oneOf('active', 'wait', 'refuse')),
      cancel: optional(oneOf('refuse', 'ignore', 'stop')),
      finalize: optional(oneOf('refuse', 'wait')),
      visibleAfterMs: optional(clockMs),
    },
  },
  showLate: { on: ['finalize'], fields: { ms: required(clockMs) } },
} satisfies { readonly [D in FaultAction['do']]: Action<FaultAction & { do: D }> };
