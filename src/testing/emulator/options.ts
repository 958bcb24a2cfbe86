/**
 * The emulator's options. A fact that is not known about the live API is an option here, and its default is marked as assumed.
 * F-… are provider facts: docs/provider-facts.md.
 */

import { findUnknownField } from '../../contract/fields.js';
import type { Duration } from '../../contract/duration.js';
import type { Project } from './credentials.js';
import { durationMs } from './duration-ms.js';
import type { Fault, Persist } from './fault.js';
import type { Outcome, Processing, UploadedFile } from './processing.js';

/** Options of `GeminiFilesEmulator.start`. */
export interface EmulatorOptions {
  /** Address to listen on. `0.0.0.0` makes it reachable from other containers and machines, with any key. @default '127.0.0.1' */
  readonly host?: string;
  /** Port on that address. @default 0, any free one */
  readonly port?: number;
  /**
   * The time that the emulator follows: it is asked at the start and before each request, in milliseconds since the epoch, and the emulator's clock moves
   * forward to it, never back. With Temporal's time-skipping server, `() => env.currentTimeMs()`. @default the machine's clock
   */
  readonly time?: () => number | Promise<number>;
  /**
   * Path that the API is served under, as behind a gateway: `/gemini`. The upload URL is given without it, as by a gateway
   * that does not rewrite answers. @default ''
   */
  readonly pathPrefix?: string;
  /**
   * Keys that are valid. Each is a project of its own; a list in the list holds the keys of one project: `['a', ['b', 'c']]`. Files are
   * denied (403) to keys of other projects and not in their lists, but their names are taken. @default any key that is not empty
   */
  readonly apiKeys?: readonly Project[];

  /**
   * How long a file is PROCESSING, for the types in `processingTypes`; or a function that says it for each file.
   * Ten minutes of video were seen to take 8 s (F-STATE-DURATION). @default '3s'
   */
  readonly processing?: Duration | ((file: UploadedFile) => Processing);
  /** Prefixes of the MIME types that `processing` is for; others are ACTIVE at once (F-STATE-PROCESSING). @default ['video/'] */
  readonly processingTypes?: readonly string[];
  /** How the processing ends. @default 'ACTIVE' */
  readonly outcome?: Outcome;

  /**
   * How long a new file is denied (403, as one that does not exist) to get, delete and generateContent, and is not in a list, although
   * its name is taken; or a function that says it for each file. By the emulator's clock (F-GET-LATE). @default 0
   */
  readonly visibleAfter?: Duration | ((file: UploadedFile) => Duration);

  /** Bytes that each request but the last must be a multiple of. @default 8388608, the provider's (F-START-GRANULARITY) */
  readonly granularity?: number;
  /** Bytes in a file at most. @default 2147483648, the provider's (F-QUOTA-FILE) */
  readonly maxFileBytes?: number;
  /** Status for a larger file, at start. @default 400 (assumed: F-START-TOO-LARGE) */
  readonly tooLargeStatus?: 400 | 413;
  /** Bytes that the files of one key may take. @default 21474836480, the provider's 20 GiB (F-QUOTA-STORAGE) */
  readonly storageQuotaBytes?: number;
  /** RetryInfo in the answer for a full storage quota; the provider was seen to do either (F-QUOTA-DELAY). @default 'none' */
  readonly quotaRetryInfo?: 'none' | 'int64-max';
  /** How long the provider keeps a file. @default '48h', the provider's (F-LIFETIME-FILE) */
  readonly retention?: Duration;

  /** When a taken name or a full quota is reported; a race is always decided at finalize. @default 'start' (assumed: F-START-NAME-TAKEN) */
  readonly conflictStage?: 'start' | 'finalize';
  /** Status for data at another offset than the session's. @default 409 (as Google's reference server; the live API's is unknown: F-UPLOAD-OFFSET) */
  readonly wrongOffsetStatus?: 400 | 409 | 416;
  /** Text of that answer. @default "Invalid offset: expected 8, got 4", as Google's reference server (F-UPLOAD-OFFSET) */
  readonly wrongOffsetText?: (expected: number, got: number) => string;
  /** What becomes of a file of no bytes at finalize. @default 'accept' (assumed: F-FINALIZE-EMPTY-FILE) */
  readonly emptyFiles?: 'accept' | 'reject';
  /** Body of the answer to a query after finalize: the file again, or none. @default 'file' (as Google's reference server: F-QUERY-FINAL) */
  readonly queryAfterFinal?: 'file' | 'empty';
  /** `X-Goog-Upload-Status` on "Upload has already been terminated.": none, or `final`. @default 'none' (assumed: F-UPLOAD-TERMINATED) */
  readonly terminatedStatus?: 'none' | 'final';
  /** How long a session is known. @default '24h' (assumed: F-LIFETIME-SESSION) */
  readonly sessionLifetime?: Duration;
  /** What a session keeps of a request that broke off. @default 'granular' (assumed: F-UPLOAD-KEPT) */
  readonly persistBroken?: Persist;
  /** Whether finalize refuses a MIME type. @default those whose first word is not an IANA type, such as `bad/mime_type` (F-STATE-MIME-TYPE) */
  readonly rejectMimeType?: (mimeType: string) => boolean;

  /** The text that generateContent answers. @default 'Answer of the Gemini Files emulator.' */
  readonly answer?: string;
  /** Faults to begin with; `addFaults` adds more. @default none */
  readonly faults?: readonly Fault[];
  /**
   * JSON file that keeps the files' metadata (no content, no keys, no open sessions) over restarts: written atomically, mode 0600,
   * for one emulator at a time. A change that cannot be written answers 500 and does not happen. A file that cannot be read as such fails the start and is left alone. @default none
   */
  readonly stateFile?: string;
  /** How many requests `requests` holds; the oldest go first. @default 10000 */
  readonly maxRecordedRequests?: number;
}

type Resolved = Required<
  Omit<
    EmulatorOptions,
    | 'faults'
    | 'stateFile'
    | 'time'
    | 'apiKeys'
    | 'processing'
    | 'visibleAfter'
    | 'retention'
    | 'sessionLifetime'
  >
>;

export interface ResolvedOptions extends Resolved {
  readonly apiKeys: readonly Project[] | undefined;
  readonly processingOf: (file: UploadedFile) => Processing;
  readonly visibleAfterMsOf: (file: UploadedFile) => number;
  readonly retentionMs: number;
  readonly sessionLifetimeMs: number;
}

const IANA_TYPES = [
  'application',
  'audio',
  'font',
  'image',
  'message',
  'model',
  'multipart',
  'text',
  'video',
];

const NAMES: Readonly<Record<keyof EmulatorOptions, true>> = {
  host: true,
  port: true,
  time: true,
  pathPrefix: true,
  apiKeys: true,
  processing: true,
  processingTypes: true,
  outcome: true,
  visibleAfter: true,
  granularity: true,
  maxFileBytes: true,
  tooLargeStatus: true,
  storageQuotaBytes: true,
  quotaRetryInfo: true,
  retention: true,
  conflictStage: true,
  wrongOffsetStatus: true,
  wrongOffsetText: true,
  emptyFiles: true,
  queryAfterFinal: true,
  terminatedStatus: true,
  sessionLifetime: true,
  persistBroken: true,
  rejectMimeType: true,
  answer: true,
  faults: true,
  stateFile: true,
  maxRecordedRequests: true,
};

/** Options that are one of some words. */
const WORDS = {
  outcome: ['ACTIVE', 'FAILED', 'NEVER'],
  quotaRetryInfo: ['none', 'int64-max'],
  conflictStage: ['start', 'finalize'],
  emptyFiles: ['accept', 'reject'],
  queryAfterFinal: ['file', 'empty'],
  terminatedStatus: ['none', 'final'],
  persistBroken: ['all', 'granular', 'none'],
} as const satisfies { [Name in keyof EmulatorOptions]?: readonly EmulatorOptions[Name][] };

function checkWords(options: EmulatorOptions): void {
  for (const [name, words] of Object.entries(WORDS)) {
    const given: unknown = options[name as keyof typeof WORDS];
    if (given !== undefined && !words.includes(given as never))
      throw new RangeError(`${name}: ${JSON.stringify(given)} is none of ${words.join(', ')}`);
  }
}

function toPathPrefix(given: string): string {
  const prefix = given.replace(/\/+$/, '');
  if (prefix === '' || prefix.startsWith('/')) return prefix;
  throw new RangeError(`pathPrefix: ${JSON.stringify(given)} does not begin with a slash`);
}

/** @throws RangeError for an option that is unknown or cannot be used */
export function resolveOptions(options: EmulatorOptions): ResolvedOptions {
  const unknown = findUnknownField(NAMES, options);
  if (unknown !== undefined) throw new RangeError(`${unknown} is not an option of the emulator`);
  checkWords(options);
  const { visibleAfter = 0 } = options;
  if (typeof visibleAfter !== 'function') durationMs(visibleAfter, 'visibleAfter');
  const { processing = '3s', outcome = 'ACTIVE', processingTypes = ['video/'] } = options;
  if (typeof processing !== 'function') durationMs(processing, 'processing');
  const processingOf =
    typeof processing === 'function'
      ? processing
      : (file: UploadedFile): Processing =>
          processingTypes.some((prefix) => file.mimeType.startsWith(prefix))
            ? { after: processing, outcome }
            : { after: 0, outcome: 'ACTIVE' };

  return {
    host: options.host ?? '127.0.0.1',
    port: options.port ?? 0,
    pathPrefix: toPathPrefix(options.pathPrefix ?? ''),
    apiKeys: options.apiKeys,
    processingOf,
    visibleAfterMsOf: (file) =>
      durationMs(typeof visibleAfter === 'function' ? visibleAfter(file) : visibleAfter, 'visibleAfter'),
    processingTypes,
    outcome,
    granularity: positive(options.granularity ?? 8388608, 'granularity'),
    maxFileBytes: positive(options.maxFileBytes ?? 2147483648, 'maxFileBytes'),
    tooLargeStatus: options.tooLargeStatus ?? 400,
    storageQuotaBytes: positive(options.storageQuotaBytes ?? 21474836480, 'storageQuotaBytes'),
    quotaRetryInfo: options.quotaRetryInfo ?? 'none',
    retentionMs: durationMs(options.retention ?? '48h', 'retention'),
    conflictStage: options.conflictStage ?? 'start',
    wrongOffsetStatus: options.wrongOffsetStatus ?? 409,
    wrongOffsetText:
      options.wrongOffsetText ?? ((expected, got) => `Invalid offset: expected ${expected}, got ${got}`),
    emptyFiles: options.emptyFiles ?? 'accept',
    queryAfterFinal: options.queryAfterFinal ?? 'file',
    terminatedStatus: options.terminatedStatus ?? 'none',
    sessionLifetimeMs: durationMs(options.sessionLifetime ?? '24h', 'sessionLifetime'),
    persistBroken: options.persistBroken ?? 'granular',
    rejectMimeType: options.rejectMimeType ?? isNonsense,
    answer: options.answer ?? 'Answer of the Gemini Files emulator.',
    maxRecordedRequests: positive(options.maxRecordedRequests ?? 10_000, 'maxRecordedRequests'),
  };
}

/** A type without a slash (`jsonl`) is taken (F-STATE-MIME-TYPE). */
function isNonsense(mimeType: string): boolean {
  return (
    mimeType.includes('/') && !IANA_TYPES.includes(mimeType.slice(0, mimeType.indexOf('/')).toLowerCase())
  );
}

function positive(value: number, name: string): number {
  if (!Number.isSafeInteger(value) || value <= 0)
    throw new RangeError(`${name}: ${value} is not a whole number above 0`);
  return value;
}
