/** What an error of the provider means, and which request met it. F-… are provider facts: docs/provider-facts.md. */

export const ERROR_KINDS = [
  /** No complete answer came; the work may or may not have been done. */
  'connection',
  /** The way to the provider is set up wrongly on this machine: a proxy that refuses it, or a certificate that it does not trust. */
  'network-setup',
  /** 408, 425, 429, 5xx, or an answer of something on the way to the provider; worth another try later. */
  'unavailable',
  /** The API key is missing, wrong, blocked, leaked or expired (F-ERROR-KEY, F-ERROR-KEY-BLOCKED). */
  'credentials',
  /** The project's file storage is full (F-QUOTA-FULL). */
  'quota',
  /** The file does not exist for this key: 403 as well as 404 (F-GET-DENIED). */
  'not-found',
  /** The file's name is in use (409): the file exists, but it may not be visible yet (F-START-NAME-TAKEN, F-GET-LATE). */
  'name-conflict',
  /** The upload session has been ended; another attempt may open a new one (F-UPLOAD-TERMINATED, F-UPLOAD-REJECTED). */
  'session-lost',
  /** The upload is at another offset than the request said (F-UPLOAD-OFFSET). */
  'offset-mismatch',
  /** Anything else; trying again gives the same. */
  'rejected',
] as const;

/** What an answer of the provider, or the lack of one, means to a caller. */
export type ErrorKind = (typeof ERROR_KINDS)[number];

export const OPERATIONS = ['start', 'upload', 'query', 'cancel', 'get', 'delete', 'list'] as const;

/** A request to the provider. `start`, `upload`, `query` and `cancel` are those of an upload session. */
export type Operation = (typeof OPERATIONS)[number];
