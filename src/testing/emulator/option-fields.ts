/** What each option of the emulator may be: a caller from JavaScript may give anything. `options.ts` compares it with the types. */

import { parseDuration } from '../../contract/duration.js';
import { optional } from '../../contract/fields.js';
import { concealed, kind } from '../../contract/kinds.js';
import { oneOf, or, text } from './fault-kinds.js';

const isText = (value: unknown): value is string => typeof value === 'string';
const isFunction = (value: unknown): value is () => unknown => typeof value === 'function';
const areTexts = (value: unknown): value is string[] => Array.isArray(value) && value.every(isText);
const areProjects = (value: unknown): value is (string | string[])[] =>
  Array.isArray(value) && value.every((one) => isText(one) || areTexts(one));
const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && Number(value) > 0;
const isPort = (value: unknown): value is number =>
  Number.isInteger(value) && Number(value) >= 0 && Number(value) <= 65_535;
const isDuration = (value: unknown): value is string => parseDuration(value) !== undefined;

const duration = kind({}, isDuration, 'is not a duration', []);
const count = optional(kind({}, isCount, 'is not a whole number above 0', []));
const code = optional(kind({}, isFunction, 'is not a function', []));

/** Options that are one of some words or numbers. */
export const WORD_FIELDS = {
  outcome: optional(oneOf('ACTIVE', 'FAILED', 'NEVER')),
  tooLargeStatus: optional(oneOf(400, 413)),
  quotaRetryInfo: optional(oneOf('none', 'int64-max')),
  conflictStage: optional(oneOf('start', 'finalize')),
  wrongOffsetStatus: optional(oneOf(400, 409, 416)),
  emptyFiles: optional(oneOf('accept', 'reject')),
  queryAfterFinal: optional(oneOf('file', 'empty')),
  terminatedStatus: optional(oneOf('none', 'final')),
  persistBroken: optional(oneOf('all', 'granular', 'none')),
};

export const OPTION_FIELDS = {
  ...WORD_FIELDS,
  host: optional(text),
  port: optional(kind({}, isPort, 'is not a whole number from 0 to 65535', [])),
  time: code,
  pathPrefix: optional(
    kind({}, isText, 'is not a string', [
      [(prefix) => prefix === '' || prefix.startsWith('/'), 'does not begin with a slash'],
    ]),
  ),
  apiKeys: optional(concealed(kind({}, areProjects, 'is not a list of keys', []))),
  processing: optional(or(isFunction, duration)),
  processingTypes: optional(kind({}, areTexts, 'is not a list of strings', [])),
  visibleAfter: optional(or(isFunction, duration)),
  granularity: count,
  maxFileBytes: count,
  storageQuotaBytes: count,
  retention: optional(duration),
  wrongOffsetText: code,
  sessionLifetime: optional(duration),
  rejectMimeType: code,
  answer: optional(text),
  faults: optional(kind({}, Array.isArray, 'is not a list', [])),
  stateFile: optional(text),
  maxRecordedRequests: count,
};
