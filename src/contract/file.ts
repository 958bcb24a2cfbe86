/** What the package says of a file, in the provider's terms. */

/** The provider forgets a file 48 hours after its upload (provider fact F-LIFETIME-FILE). Milliseconds. */
export const FILE_LIFETIME_MS = 48 * 3600 * 1000;

/** What the files of one project may take together (provider fact F-QUOTA-STORAGE). Bytes. */
export const FILE_STORAGE_BYTES = 20 * 1024 ** 3;

/**
 * How long after the end of an upload its file can still appear, in milliseconds: a new file may not be visible at once
 * (provider fact F-GET-LATE), and a finalize continues at the provider after the request has broken (F-FINALIZE-LATE). No
 * number is documented; this one is a guess on the safe side.
 */
export const FILE_SETTLE_MS = 30_000;

/**
 * State of a file at the provider.
 * A missing or unknown state counts as PROCESSING: some finalize replies lack it.
 */
export type FileState = 'PROCESSING' | 'ACTIVE' | 'FAILED';

/**
 * Provider facts F-STATE-VALUES and F-STATE-MISSING.
 *
 * @param state - the provider's word
 */
export function fileState(state: string | undefined): FileState {
  return state === 'ACTIVE' || state === 'FAILED' ? state : 'PROCESSING';
}

/** A file's metadata at the provider, normalised. */
export interface GeminiFile {
  /** `files/<id>`. */
  readonly name: string;
  /** What a prompt refers to. */
  readonly uri: string;
  /** State at the provider. */
  readonly state: FileState;
  /** MIME type, as it was declared at the upload. */
  readonly mimeType: string;
  /** Size in bytes. */
  readonly sizeBytes: number;
  /** Lower-case hex; empty if the provider gave none. */
  readonly sha256: string;
  /** Name shown at the provider; empty if it has none. */
  readonly displayName: string;
  /** RFC 3339; empty if the provider gave none, like the times below. */
  readonly createTime: string;
  /** When the file last changed, RFC 3339. */
  readonly updateTime: string;
  /** When the provider forgets the file: 48 hours after its creation. */
  readonly expirationTime: string;
  /** The provider's reason, only when FAILED (provider fact F-STATE-FAILED). */
  readonly error?: {
    /** A code of gRPC, such as 13. */
    readonly code?: number;
    /** The provider's words. */
    readonly message?: string;
  };
}

/** A file of which only the name is known. */
export function unknownFile(name: string): GeminiFile {
  return {
    name,
    uri: '',
    state: 'PROCESSING',
    mimeType: '',
    sizeBytes: 0,
    sha256: '',
    displayName: '',
    createTime: '',
    updateTime: '',
    expirationTime: '',
  };
}

/** Result of `uploadAndWaitActive` and `waitActive`. */
export interface ActiveFile {
  /** The only provider there is. */
  readonly provider: 'google';
  /** The file's name at the provider, `files/<id>`. */
  readonly id: string;
  /** What a prompt refers to. */
  readonly uri: string;
  /** Always `ACTIVE`: a prompt can use the file. */
  readonly state: 'ACTIVE';
  /** MIME type, as it was declared at the upload. */
  readonly mimeType: string;
  /** Size in bytes. */
  readonly sizeBytes: number;
  /** SHA-256 of the content, lower-case hex; of `waitActive`: empty if the provider reports none. */
  readonly sha256: string;
  /** Name shown at the provider; empty if it has none. */
  readonly displayName: string;
  /** When the provider forgets the file, RFC 3339. */
  readonly expirationTime: string;
  /** How many checks were made; 0 if the upload's answer already said ACTIVE. */
  readonly polls: number;
  /** From the end of the upload, or the start of `waitActive`, to ACTIVE, in milliseconds. */
  readonly waitedMs: number;
}

/**
 * Where a run is. `quota-wait`: the storage is full, and the upload waits (`onQuotaFull: 'wait'`). No run answers `active`: it is `done` as
 * soon as its file is ACTIVE.
 */
export type UploadPhase = 'uploading' | 'quota-wait' | 'processing' | 'active' | 'cleaning-up' | 'done';

/** Answer of the query `uploadStatus`. */
export interface UploadStatus {
  /** Where the run is. */
  readonly phase: UploadPhase;
  /** `files/<id>`, chosen before anything is sent. */
  readonly id: string;
  /** The file's last known state; null before the upload has ended. */
  readonly state: FileState | null;
  /** How many checks have answered. */
  readonly polls: number;
  /** When the next check is due, in the phase `quota-wait` the next upload, RFC 3339; null when none is. */
  readonly nextCheckAt: string | null;
  /** When the wait ends, RFC 3339; null before the upload has ended. */
  readonly deadline: string | null;
}
