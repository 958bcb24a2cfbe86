/** One attempt at an upload: what it is given, and what it hands to the next one. */

import type { SourceFingerprint } from '../contract/activities.js';
import type { GeminiApiError } from './api-error.js';
import type { GeminiConnection } from './connection.js';
import type { SendPace } from './send-pace.js';
import type { ContentHash } from './content-hash.js';
import type { UploadSession } from './upload-protocol.js';
import type { UploadSource } from './upload-source.js';

/** What a later attempt, also in another process, needs to go on. The session is a bearer secret. */
export interface ResumePoint {
  /** The open session; absent if none was opened. */
  readonly session?: UploadSession;
  /** Fingerprint of the source when the session was opened. */
  readonly fingerprint: SourceFingerprint;
  /** SHA-256, hex, of the first `prefixBytes` bytes. */
  readonly prefixSha256?: string;
  /** How many bytes `prefixSha256` is of. */
  readonly prefixBytes?: number;
  /** Bytes of the first request at most: a longer one took long, and did not pass. */
  readonly requestBytes?: number;
}

/** What happens on the way, to be counted and logged. No secret is in it. */
export type UploadEvent =
  | {
      /** The upload continues in the session of an earlier attempt. */
      readonly type: 'resumed';
      /** How many of the first bytes are not sent again. */
      readonly offset: number;
    }
  | {
      /** The provider already has the whole file: an earlier attempt has created it. */
      readonly type: 'adopted';
    }
  | {
      /** A request failed; the session continues at the offset that the provider reports. */
      readonly type: 'interrupted';
      /** Why it failed. */
      readonly error: GeminiApiError;
    }
  | {
      /** The session has been ended; the next attempt has to open another one and to send all bytes again. */
      readonly type: 'session-lost';
      /** Why it failed. */
      readonly error: GeminiApiError;
    };

/** What an upload is about to do. */
export type UploadStep = 'start' | 'send' | 'finalize';

/** Input of `uploadFile`. */
export interface UploadFileInput {
  /** Where the bytes come from, such as a `FileSource`. */
  readonly source: UploadSource;
  /** `files/<id>`, the caller's choice: lower-case letters, digits and dashes, at most 40. */
  readonly name: string;
  /** Name shown at the provider. */
  readonly displayName: string;
  /** MIME type that is declared, without parameters. */
  readonly mimeType: string;
  /** Where an earlier attempt stood. */
  readonly resume?: ResumePoint;
  /** Whether an earlier attempt may have ended the upload without knowing it: the file is looked for first. @default false */
  readonly mayExist?: boolean;
  /** Aborts the upload; its session is cancelled, unless `keepSession` says otherwise. */
  readonly signal?: AbortSignal;
  /** Called when a session was opened, after each request that was confirmed, and every 8 MiB. */
  readonly onCheckpoint?: (point: ResumePoint) => void;
  /**
   * Awaited before a session is opened (`start`), before the attempt sends its first data (`send`), and before the bytes that
   * complete the file, with which the provider creates it (`finalize`). If it rejects, nothing more is sent and the upload
   * fails with its reason.
   */
  readonly beforeStep?: (step: UploadStep) => Promise<void>;
  /** Called when the provider itself has refused to create the file, so that no earlier request of this upload can create it. */
  readonly onFinalizeRefused?: () => void;
  /** Awaited when the session has ended or was cancelled, before the upload fails: it cannot be used any more. */
  readonly onSessionLost?: () => Promise<void>;
  /** Called with the bytes of the file that have been sent so far, before each piece. If it throws, the upload fails with that. */
  readonly onProgress?: (bytesSent: number) => void;
  /** Holds back the bytes of the file. @default as fast as they go */
  readonly pace?: SendPace;
  /** Called with the bytes of each piece that was handed to the connection, those that are sent again too. */
  readonly onSent?: (bytes: number) => void;
  /** Called for each event on the way, to count or log it. */
  readonly onEvent?: (event: UploadEvent) => void;
  /**
   * Bytes of a request at most, as far as the session's granularity allows: what a break may cost.
   *
   * @default 64 MiB the first, the next ones about 8 s each at the measured speed, the last one up to 10 s
   */
  readonly requestBytes?: number;
  /** Whether the session outlives an abort for this reason, for another attempt to take up. @default never */
  readonly keepSession?: (reason: unknown) => boolean;
}

/** State of one attempt. */
export interface Attempt {
  readonly connection: GeminiConnection;
  readonly input: UploadFileInput;
  readonly hash: ContentHash;
  /** `requestBytes` of the next attempt. */
  forNext?: number | undefined;
}

/** Tells the caller how another attempt could go on from here. */
export function checkpoint({ input, hash, forNext }: Attempt, session: UploadSession): void {
  input.onCheckpoint?.({
    session,
    fingerprint: input.source.fingerprint,
    prefixBytes: hash.position,
    prefixSha256: hash.digest(),
    ...(forNext !== undefined && { requestBytes: forNext }),
  });
}
