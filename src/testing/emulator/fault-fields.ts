/** What each kind of fault is for, and its fields. */

import type { FaultAction, FaultMatch, FaultTarget, SlowFinalizeFault } from './fault.js';
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
  positive,
  realMs,
  text,
  times,
  wholeNumber,
  type FaultKind,
} from './fault-kinds.js';

export interface FaultField<Required extends boolean = boolean> {
  readonly kind: FaultKind;
  readonly required: Required;
}

/** A field for each of T's, required if T requires it. */
type FieldsOf<T> = {
  readonly [K in Exclude<keyof T, 'do'>]-?: FaultField<Partial<Pick<T, K>> extends Pick<T, K> ? false : true>;
};

interface Action<T> {
  /** Targets at which the fault has an effect. */
  readonly on: readonly FaultTarget[];
  readonly fields: FieldsOf<T>;
}

const required = (kind: FaultKind): FaultField<true> => ({ kind, required: true });
const optional = (kind: FaultKind): FaultField<false> => ({ kind, required: false });

export const TARGETS = {
  start: true,
  upload: true,
  finalize: true,
  query: true,
  cancel: true,
  multipart: true,
  get: true,
  list: true,
  delete: true,
  generateContent: true,
  streamGenerateContent: true,
  countTokens: true,
  listModels: true,
  getModel: true,
  '*': true,
} satisfies Record<FaultTarget, true>;

const ANY = Object.keys(TARGETS) as FaultTarget[];
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
  on: required(oneOf(TARGETS)),
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

const work = optional(oneOf({ before: true, after: true }));
const persist = optional(oneOf({ all: true, granular: true, none: true }));
const endSession = { on: IN_SESSION, fields: {} };

export const ACTIONS = {
  respond: {
    on: ANY,
    fields: { ...ANSWER_FIELDS, final: optional(boolean), work, early: optional(boolean) },
  },
  inform: { on: ANY, fields: { status: required(interimStatus) } },
  delay: { on: ANY, fields: { ms: required(realMs) } },
  stall: { on: ANY, fields: { afterBytes: optional(bytes), work, persist } },
  reset: { on: ANY, fields: { afterBytes: optional(bytes), afterTotalBytes: optional(bytes), persist } },
  loseAnswer: { on: ANY, fields: {} },
  cutAnswer: { on: ANY, fields: { afterBytes: optional(bytes) } },
  expireSession: endSession,
  terminateSession: endSession,
  cancelSession: endSession,
  rollBack: { on: IN_SESSION, fields: { requests: optional(wholeNumber(0)) } },
  reportOffset: { on: ['query', '*'], fields: { bytes: required(anyOffset) } },
  stripUploadHeaders: { on: ANY, fields: {} },
  omitState: { on: WITH_FILES, fields: {} },
  wrongHash: { on: WITH_FILES, fields: { sha256: optional(text) } },
  pace: { on: WITH_BODY, fields: { bytesPerSecond: required(positive) } },
  slowFinalize: {
    on: ['finalize'],
    fields: {
      ms: required(clockMs),
      // An answer of one's own is an object, which `checkFault` checks as an answer.
      answer: optional((value, name) => {
        if (typeof value !== 'object' || value === null) oneOf({ outcome: true, reset: true })(value, name);
      }),
      answerAfterMs: optional(clockMs),
      query: optional(oneOf({ active: true, wait: true, refuse: true })),
      cancel: optional(oneOf({ refuse: true, ignore: true, stop: true })),
      finalize: optional(oneOf({ refuse: true, wait: true })),
      visibleAfterMs: optional(clockMs),
    },
  },
  showLate: { on: ['finalize'], fields: { ms: required(clockMs) } },
} satisfies { readonly [D in FaultAction['do']]: Action<FaultAction & { do: D }> };
