/** The worker option `sources`: what users write. */

/** A value, or a promise of it. */
type Awaitable<T> = T | Promise<T>;

/**
 * The sources of files that the worker permits beside the folders in `allowedRoots`. Nothing is permitted by default.
 *
 * `https` permits `https://` URLs in the input. Every other name is a source of its own, which the input uses as `NAME:KEY`: an S3 bucket,
 * or a function that says where the bytes of a key are. A name is `[a-z][a-z0-9-]{0,31}`, and not `http`, `file`, `data`, `blob`, `gs` or `s3`.
 *
 * @example
 * ```ts
 * import type { SourcesOptions } from 'temporal-gemini-files/worker';
 *
 * const sources: SourcesOptions = {
 *   https: { allowedOrigins: ['https://media.example.com'] },
 *   archive: { type: 's3', bucket: 'archive', region: 'eu-central-1', prefix: 'audio/' },
 *   store: async (key) => ({ url: await signedUrlOf(key) }),
 * };
 * ```
 */
export interface SourcesOptions {
  /** Permits `https://` URLs. */
  readonly https?: HttpsSourceOptions;
  readonly [name: string]: HttpsSourceOptions | S3SourceOptions | LocateFile | undefined;
}

/** Permits `https://` URLs in the input. */
export interface HttpsSourceOptions {
  /** `https://media.example.com`, `https://*.example.com` for every name below `example.com`, or `*` for every public https origin. */
  readonly allowedOrigins: readonly string[];
  /**
   * Networks that are not public and may be read from all the same, such as `10.1.0.0/16`. They count for the URLs that functions
   * return, and for S3 at AWS, too.
   *
   * @default public addresses only
   */
  readonly allowedAddresses?: readonly string[];
  /** Headers that are sent with each request, to the origin in the input only: a redirect to another origin does not get them. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** Credentials of an S3 bucket. */
export interface S3Credentials {
  /** The access key's id. */
  readonly accessKeyId: string;
  /** The secret access key. */
  readonly secretAccessKey: string;
  /** The token of temporary credentials. */
  readonly sessionToken?: string;
}

/** A bucket of S3, or of a store that speaks its protocol. */
export interface S3SourceOptions {
  /** Marks a bucket. */
  readonly type: 's3';
  /** Name of the bucket. */
  readonly bucket: string;
  /** Region that requests are signed for. */
  readonly region: string;
  /** Address of a compatible store, which may be in a private network. Plain http only on this machine. @default AWS */
  readonly endpoint?: string;
  /**
   * Whether the bucket is in the path of a URL, and not in its host name. As in the AWS SDK, but that the default suits the store.
   *
   * @default true with an `endpoint`, false at AWS
   */
  readonly forcePathStyle?: boolean;
  /** Folder in the bucket: keys of the input are below it. @default the whole bucket */
  readonly prefix?: string;
  /**
   * A function is called at each attempt, and once more if the store refuses the credentials.
   *
   * @default `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY` and `AWS_SESSION_TOKEN`
   */
  readonly credentials?: S3Credentials | (() => Awaitable<S3Credentials>);
}

/** What a `LocateFile` receives about the upload that needs the file. */
export interface LocateContext {
  /** Number of the attempt of the upload, from 1. */
  readonly attempt: number;
  /** Aborted when the attempt ends. */
  readonly signal: AbortSignal;
  /** True if the source answered the URL that the last call returned with 401 or 403. */
  readonly refused: boolean;
}

/**
 * Returns where the bytes of `key` are. It is called at each attempt, and once more if the source answers 401 or 403, so a signed URL is made
 * late and need not outlive the upload. What it returns is stored nowhere and appears in no message.
 */
export type LocateFile = (key: string, context: LocateContext) => Awaitable<LocatedFile>;

/** Where a file's bytes are: at a URL, or behind code of your own. */
export type LocatedFile = LocatedUrl | LocatedReader;

interface Located {
  /** The file's own name, such as `clip.mp4`. @default the last segment of the key */
  readonly name?: string;
  /** MIME type of the file. @default by name and content */
  readonly mimeType?: string;
}

/** The file is at a URL. */
export interface LocatedUrl extends Located {
  /** `https://…`, signed or not; its address is public, or one of `sources.https.allowedAddresses`. */
  readonly url: string;
  /** Headers that are sent to the origin of `url`. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Differs after a change of the content. @default the server's `ETag` */
  readonly version?: string;
}

/** The file is read by the function's own code. */
export interface LocatedReader extends Located {
  /** Size in bytes. */
  readonly sizeBytes: number;
  /** Differs after a change of the content. */
  readonly version: string;
  /**
   * The bytes from `start` to `end` (exclusive). A chunk may be reused once the next one is asked for.
   *
   * @param start - the first byte
   * @param end - the byte after the last
   * @param signal - ends it early
   */
  read(start: number, end: number, signal: AbortSignal): AsyncIterable<Uint8Array>;
}
