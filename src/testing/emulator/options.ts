/**
 * The emulator's options. A fact that is not known about the live API is an option here, and its default is marked as assumed.
 * F-… are provider facts: docs/provider-facts.md.
 */

import type { Duration } from '../../contract/duration.js';
import { readKnownFields, type Field, type Refuse } from '../../contract/fields.js';
import { formatValue } from '../../contract/show.js';
import type { Project } from './credentials.js';
import { durationMs } from './duration-ms.js';
import type { Fault, Persist } from './fault.js';
import { OPTION_FIELDS, type WORD_FIELDS } from './option-fields.js';
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

/** Options that can be absent: those without a default. */
type Open = 'time' | 'apiKeys' | 'faults' | 'stateFile';
type Complete = Required<Omit<EmulatorOptions, Open>>;

export interface ResolvedOptions extends Omit<
  Complete,
  'processing' | 'processingTypes' | 'outcome' | 'visibleAfter' | 'retention' | 'sessionLifetime'
> {
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

/** All options, with their defaults. */
const DEFAULTS: Complete & Readonly<Record<Open, undefined>> = {
  host: '127.0.0.1',
  port: 0,
  time: undefined,
  pathPrefix: '',
  apiKeys: undefined,
  processing: '3s',
  processingTypes: ['video/'],
  outcome: 'ACTIVE',
  visibleAfter: 0,
  granularity: 8388608,
  maxFileBytes: 2147483648,
  tooLargeStatus: 400,
  storageQuotaBytes: 21474836480,
  quotaRetryInfo: 'none',
  retention: '48h',
  conflictStage: 'start',
  wrongOffsetStatus: 409,
  wrongOffsetText: (expected, got) => `Invalid offset: expected ${expected}, got ${got}`,
  emptyFiles: 'accept',
  queryAfterFinal: 'file',
  terminatedStatus: 'none',
  sessionLifetime: '24h',
  persistBroken: 'granular',
  rejectMimeType: isNonsense,
  answer: 'Answer of the Gemini Files emulator.',
  faults: undefined,
  stateFile: undefined,
  maxRecordedRequests: 10_000,
};

const FIELDS = OPTION_FIELDS satisfies {
  readonly [Name in keyof EmulatorOptions]-?: Field<never, unknown, 'optional'>;
} & { readonly [Name in keyof typeof WORD_FIELDS]: Field<never, EmulatorOptions[Name], 'optional'> };

function checkOptions(options: unknown): void {
  if (typeof options !== 'object' || options === null) throw new RangeError('The options are not an object');
  readKnownFields(FIELDS, options as Readonly<Record<string, unknown>>, refuse);
}

const refuse: Refuse = (name, mistake, value, isSecret) => {
  if (mistake === 'unknown field') return new RangeError(`${name} is not an option of the emulator`);
  return new RangeError(isSecret ? `${name} ${mistake}` : `${name}: ${formatValue(value)} ${mistake}`);
};

function complete(options: EmulatorOptions): Complete {
  const names = Object.keys(DEFAULTS) as (keyof EmulatorOptions)[];
  return Object.fromEntries(
    names.map((name) => [name, options[name] ?? DEFAULTS[name]]),
  ) as unknown as Complete;
}

/** @throws RangeError for an option that is unknown or cannot be used */
export function resolveOptions(options: EmulatorOptions): ResolvedOptions {
  checkOptions(options);
  const all = complete(options);
  const { processing, processingTypes, outcome, visibleAfter, retention, sessionLifetime, ...others } = all;
  const processingOf =
    typeof processing === 'function'
      ? processing
      : (file: UploadedFile): Processing =>
          processingTypes.some((prefix) => file.mimeType.startsWith(prefix))
            ? { after: processing, outcome }
            : { after: 0, outcome: 'ACTIVE' };

  return {
    ...others,
    pathPrefix: all.pathPrefix.replace(/\/+$/, ''),
    apiKeys: options.apiKeys,
    processingOf,
    visibleAfterMsOf: (file) =>
      durationMs(typeof visibleAfter === 'function' ? visibleAfter(file) : visibleAfter, 'visibleAfter'),
    retentionMs: durationMs(retention, 'retention'),
    sessionLifetimeMs: durationMs(sessionLifetime, 'sessionLifetime'),
  };
}

/** A type without a slash (`jsonl`) is taken (F-STATE-MIME-TYPE). */
function isNonsense(mimeType: string): boolean {
  return (
    mimeType.includes('/') && !IANA_TYPES.includes(mimeType.slice(0, mimeType.indexOf('/')).toLowerCase())
  );
}
