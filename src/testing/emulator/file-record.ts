/** A file as the emulator keeps it, and as the provider says it on the wire. */

import { randomInt } from 'node:crypto';
import type { FileState } from '../../contract/file.js';
import type { Outcome } from './processing.js';

/** google.rpc.Status. */
export interface FileError {
  /** A code of gRPC, such as 13. */
  readonly code?: number;
  /** The reason, for people. */
  readonly message?: string;
}

/** Plain data: this is what the state file holds. */
export interface FileRecord {
  /** `files/<id>`. */
  readonly name: string;
  /** Grows with each file. */
  readonly sequence: number;
  /** Stands for the API key, which is not kept. */
  readonly owner: string;
  readonly displayName?: string;
  readonly mimeType: string;
  readonly sizeBytes: number;
  /** Lower-case hex. */
  readonly sha256: string;
  /** RFC 3339 with microseconds. */
  readonly createTime: string;
  /** RFC 3339 with nanoseconds. */
  readonly expirationTime: string;
  /** When the processing ends, milliseconds since the epoch; before `createTime` for a file that has none. */
  readonly settlesAtMs: number;
  readonly outcome: Outcome;
  /** Until when it is denied as if it did not exist, milliseconds since the epoch. */
  readonly visibleAtMs?: number;
  readonly error?: FileError;
}

/** The File resource as it is sent. `int64` is a string (provider fact F-STATE-SIZE); absent fields were not sent by the provider either. */
export interface FileResource {
  /** `files/<id>`. */
  readonly name: string;
  /** Name that the upload gave; absent if it gave none. */
  readonly displayName?: string;
  /** MIME type that the upload declared. */
  readonly mimeType: string;
  /** Size in bytes, as a decimal string. */
  readonly sizeBytes: string;
  /** RFC 3339. */
  readonly createTime: string;
  /** RFC 3339; the end of the processing, if it took time. */
  readonly updateTime: string;
  /** When the file is forgotten, RFC 3339. */
  readonly expirationTime: string;
  /** Base64 of the lower-case hex string, not of the 32 bytes (provider fact F-STATE-HASH). */
  readonly sha256Hash: string;
  /** What a prompt refers to. */
  readonly uri: string;
  /** PROCESSING, ACTIVE or FAILED; absent in an answer that a fault took it out of. */
  readonly state?: FileState;
  /** How the file came to the provider. */
  readonly source: 'UPLOADED';
  /** Only of an ACTIVE video. */
  readonly videoMetadata?: {
    /** Such as `10s`. */
    readonly videoDuration: string;
    /** Base64 of a picture. */
    readonly videoThumbnailBytes: string;
  };
  /** Only of a FAILED file. */
  readonly error?: FileError;
}

/** Reason that the provider was seen to give for FAILED (provider fact F-STATE-FAILED). */
const DEFAULT_FILE_ERROR: FileError = {
  code: 13,
  message: 'Can not find message descriptor by type_url: type.googleapis.com/plaque.trace.StatusContext',
};

/** An empty JPEG with a comment, as long as a real thumbnail (provider fact F-STATE-THUMBNAIL). */
const THUMBNAIL = Buffer.concat([
  Buffer.from('ffd8fffe1e00', 'hex'),
  Buffer.alloc(0x1dfe, ' '),
  Buffer.from('ffd9', 'hex'),
]).toString('base64');

export function stateAt(record: FileRecord, nowMs: number): FileState {
  return record.outcome === 'NEVER' || nowMs < record.settlesAtMs ? 'PROCESSING' : record.outcome;
}

export function isVisible({ visibleAtMs = 0 }: FileRecord, nowMs: number): boolean {
  return nowMs >= visibleAtMs;
}

export function isExpired(record: FileRecord, nowMs: number): boolean {
  return nowMs >= Date.parse(record.expirationTime);
}

export function fileResource(record: FileRecord, nowMs: number, baseUrl: string): FileResource {
  const state = stateAt(record, nowMs);
  const settledLater = state !== 'PROCESSING' && record.settlesAtMs > Date.parse(record.createTime);
  return {
    name: record.name,
    ...(record.displayName !== undefined && { displayName: record.displayName }),
    mimeType: record.mimeType,
    sizeBytes: String(record.sizeBytes),
    createTime: record.createTime,
    updateTime: settledLater ? microsecondTime(record.settlesAtMs, 0) : record.createTime,
    expirationTime: record.expirationTime,
    sha256Hash: encodeSha256(record.sha256),
    uri: `${baseUrl}/v1beta/${record.name}`,
    state,
    source: 'UPLOADED',
    ...(state === 'ACTIVE' &&
      record.mimeType.startsWith('video/') && {
        videoMetadata: { videoDuration: '10s', videoThumbnailBytes: THUMBNAIL },
      }),
    ...(state === 'FAILED' && { error: record.error ?? DEFAULT_FILE_ERROR }),
  };
}

export function encodeSha256(hex: string): string {
  return Buffer.from(hex, 'latin1').toString('base64');
}

/** Times of a file made at `nowMs`: it expires 18 to 275 ms before its creation plus `retentionMs` (provider facts F-STATE-TIMES, F-LIFETIME-EXPIRATION). */
export function fileTimes(
  nowMs: number,
  retentionMs: number,
): { createTime: string; expirationTime: string } {
  // With a short retention, a test wants a file that exists for a moment.
  const earlierMs = Math.min(randomInt(19, 276), Math.floor(retentionMs / 10));
  const expires = new Date(Math.floor(nowMs + retentionMs) - earlierMs);
  return {
    createTime: microsecondTime(nowMs, randomInt(1000)),
    expirationTime: expires.toISOString().replace('Z', `${digits(randomInt(1, 1_000_000), 6)}Z`),
  };
}

function microsecondTime(ms: number, micros: number): string {
  return new Date(ms).toISOString().replace('Z', `${digits(micros, 3)}Z`);
}

function digits(value: number, width: number): string {
  return String(value).padStart(width, '0');
}
