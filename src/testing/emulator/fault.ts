/** Scripted faults: plain data, one object a fault. */

/** What stays of a data request that broke off: all that arrived, that rounded down to the granularity, or nothing. */
export type Persist = 'all' | 'granular' | 'none';

export const TARGETS = [
  'start',
  'upload',
  'finalize',
  'query',
  'cancel',
  'multipart',
  'get',
  'list',
  'delete',
  'generateContent',
  'streamGenerateContent',
  'countTokens',
  'listModels',
  'getModel',
  '*',
] as const;

/** `finalize` is an `upload` request whose command finalizes; `upload` is any data request, `*` any request. */
export type FaultTarget = (typeof TARGETS)[number];

/**
 * Which requests a fault is for. A request meets at most one fault: the first of the script that is for its operation and
 * is not used up.
 */
export interface FaultMatch {
  /** The operation that the fault is for. */
  readonly on: FaultTarget;
  /** How many requests it is for, `'always'` for all that come. @default 1 */
  readonly times?: number | 'always';
  /** How many matching requests pass unharmed first. @default 0 */
  readonly skip?: number;
  /**
   * Only requests for this file, `files/<id>`: data, a finalize, a query and a cancel by their session, a get and a delete by their
   * path. Other requests do not name their file before their body is read, and `file` is refused with their `on`. @default any
   */
  readonly file?: string;
}

/** Answers with an error, or anything else, in place of the real answer. */
export interface RespondFault {
  readonly do: 'respond';
  /** HTTP status of the answer. */
  readonly status: number;
  /** Body as JSON. @default none */
  readonly json?: object;
  /** Body as plain text, unless `headers` has another `content-type`. @default none */
  readonly text?: string;
  /** Headers of the answer. @default none */
  readonly headers?: Readonly<Record<string, string>>;
  /** Adds `X-Goog-Upload-Status: final`, which rejects the upload and terminates its session. @default false */
  readonly final?: boolean;
  /** `after`: the work is done, and only its answer is replaced. `before`: nothing is done. @default 'before' */
  readonly work?: 'before' | 'after';
  /** Answers without waiting for the request's body. @default false */
  readonly early?: boolean;
}

/** Sends an interim answer that the client did not ask for before the real one, as some proxies do. */
export interface InformFault {
  readonly do: 'inform';
  /** 100 Continue, 102 Processing or 103 Early Hints. */
  readonly status: 100 | 102 | 103;
}

/** Lets real time pass before the request is read. */
export interface DelayFault {
  readonly do: 'delay';
  /** Milliseconds. */
  readonly ms: number;
}

/** Never answers; the connection stays open until the client or the emulator closes it. */
export interface StallFault {
  readonly do: 'stall';
  /** Bytes of the request's body that are read first. @default 0 */
  readonly afterBytes?: number;
  /** `after`: the whole request is read and its work done, and only the answer does not come. @default 'before' */
  readonly work?: 'before' | 'after';
  /** What an upload keeps of the bytes. @default the option `persistBroken` */
  readonly persist?: Persist;
}

/** Resets the connection (RST) before the work is done. */
export interface ResetFault {
  readonly do: 'reset';
  /** Bytes of the request's body that are read first; a shorter body is read to its end. @default 0 */
  readonly afterBytes?: number;
  /**
   * In place of `afterBytes`: bytes of the upload in total. The fault is then for the one request that would bring the session
   * past them.
   */
  readonly afterTotalBytes?: number;
  /** What an upload keeps of the bytes. @default the option `persistBroken` */
  readonly persist?: Persist;
}

/** Does the work, then resets the connection in place of the answer. */
export interface LoseAnswerFault {
  readonly do: 'loseAnswer';
}

/** Does the work and sends the answer's headers and the first `afterBytes` bytes of its body, then closes the connection (FIN, not RST). */
export interface CutAnswerFault {
  readonly do: 'cutAnswer';
  /** After how many bytes of its body the answer breaks off. @default 0 */
  readonly afterBytes?: number;
}

/** Ends the upload's session first: unknown from now on (404, no body), rejected (400, text) or cancelled (query: 410). */
export interface EndSessionFault {
  readonly do: 'expireSession' | 'terminateSession' | 'cancelSession';
}

/** The upload's session first forgets its last data requests, and says so truthfully from then on. */
export interface RollBackFault {
  readonly do: 'rollBack';
  /** How many requests of the session are lost. @default 1 */
  readonly requests?: number;
}

/** A query's answer tells another `X-Goog-Upload-Size-Received` than the true one. */
export interface ReportOffsetFault {
  readonly do: 'reportOffset';
  /** The offset that is reported, in bytes. */
  readonly bytes: number;
}

/** Takes all `X-Goog-Upload-*` headers out of the answer, as proxies do. */
export interface StripUploadHeadersFault {
  readonly do: 'stripUploadHeaders';
}

/** Files in the answer lack `state`, as was seen in finalize answers (provider fact F-STATE-MISSING). */
export interface OmitStateFault {
  readonly do: 'omitState';
}

/** Files in the answer have another `sha256Hash` than their content's. */
export interface WrongHashFault {
  readonly do: 'wrongHash';
  /** Lower-case hex. @default 64 zeros */
  readonly sha256?: string;
}

/** Reads the request's body slowly. */
export interface PaceFault {
  readonly do: 'pace';
  /** Bytes that are read in a second. */
  readonly bytesPerSecond: number;
}

/**
 * A finalize (`on: 'finalize'`) that takes `ms` milliseconds of the emulator's clock after its last byte, and that goes on if the client
 * leaves or has been answered. At its end the file is created, or refused as by any finalize. The name is free until then. What the
 * live API answers to other requests of the session meanwhile is unknown (provider fact F-FINALIZE-LATE), so each is a switch. The session's state is `finalizing`.
 */
export interface SlowFinalizeFault {
  readonly do: 'slowFinalize';
  /** Milliseconds. */
  readonly ms: number;
  /**
   * What the client gets: the outcome at the end, a connection that is reset, or an answer such as a gateway's
   * `{ status: 504 }`. @default 'outcome'
   */
  readonly answer?: 'outcome' | 'reset' | Omit<RespondFault, 'do' | 'final' | 'work' | 'early'>;
  /** Milliseconds of the emulator's clock until an answer other than the outcome. @default 0 */
  readonly answerAfterMs?: number;
  /** A query: `active` with all bytes received, or waits for the outcome, or 400 "already been terminated". @default 'active' */
  readonly query?: 'active' | 'wait' | 'refuse';
  /**
   * A cancel: 400 "already been terminated"; or 200, and a query 410 from then on, yet the file is created all the same (`ignore`);
   * or 200, and the file is not created (`stop`). @default 'refuse'
   */
  readonly cancel?: 'refuse' | 'ignore' | 'stop';
  /** Another data request or finalize: 400 "already been terminated", or the first one's outcome. @default 'refuse' */
  readonly finalize?: 'refuse' | 'wait';
  /** As `ms` of `showLate`, from the creation. @default the option `visibleAfter` */
  readonly visibleAfterMs?: number;
}

/**
 * The file of a finalize (`on: 'finalize'`) is denied (403, as one that does not exist) for `ms` milliseconds of the emulator's clock
 * after its creation, to get, delete and generateContent, and a list lacks it. Its name is taken: a start is 409 (provider fact F-GET-LATE).
 */
export interface ShowLateFault {
  readonly do: 'showLate';
  /** Milliseconds. */
  readonly ms: number;
}

/** What a fault does. `do` tells the kinds apart. */
export type FaultAction =
  | RespondFault
  | InformFault
  | DelayFault
  | StallFault
  | ResetFault
  | LoseAnswerFault
  | CutAnswerFault
  | EndSessionFault
  | RollBackFault
  | ReportOffsetFault
  | StripUploadHeadersFault
  | OmitStateFault
  | WrongHashFault
  | PaceFault
  | SlowFinalizeFault
  | ShowLateFault;

/** One fault of the script: which requests it is for, and what it does. */
export type Fault = FaultMatch & FaultAction;
