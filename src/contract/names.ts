/** The public names of the package on the wire. Any SDK or the Temporal CLI can start the workflows by them. */

/** Default task queue of the workflows and their activities. */
export const TASK_QUEUE = 'gemini-files';

/** The only provider there is. */
export const PROVIDER = 'google';

/** Workflow types. */
export const WORKFLOW = {
  /** Uploads a file and returns it when it is ACTIVE. */
  uploadAndWaitActive: 'uploadAndWaitActive',
  /** The same, and returns only the `uri`. */
  preuploadAndWaitActive: 'preuploadAndWaitActive',
  /** Waits for a file that somebody else uploaded. */
  waitActive: 'waitActive',
  /** Keeps one file usable for many callers. */
  holdActiveFile: 'holdActiveFile',
  /** Acquires a lease of a hold, and starts the hold if there is none. */
  acquireHeldFile: 'acquireHeldFile',
  /** Finds the id of the hold of a content. */
  contentHoldId: 'contentHoldId',
  /** Returns the hash, size and type of a file, without an upload. */
  identifyFile: 'identifyFile',
  /** Deletes the files of runs that were terminated or timed out. */
  sweepAbandonedFiles: 'sweepAbandonedFiles',
} as const;

/** The types of the runs that a sweep searches by default: those that upload. */
export const SWEPT_WORKFLOW_TYPES = [
  WORKFLOW.uploadAndWaitActive,
  WORKFLOW.preuploadAndWaitActive,
  WORKFLOW.holdActiveFile,
] as const;

/** The types of the runs that use a file of the provider. */
export const FILE_WORKFLOW_TYPES = [...SWEPT_WORKFLOW_TYPES, WORKFLOW.waitActive] as const;

/** Activity types, prefixed so that they can live in a user's own worker. */
export const ACTIVITY = {
  /** Uploads a file. */
  upload: 'geminiFilesUpload',
  /** Gets a file once. */
  check: 'geminiFilesCheck',
  /** Deletes a file. */
  delete: 'geminiFilesDelete',
  /** Hashes a file. */
  identify: 'geminiFilesIdentify',
  /** Looks at files before the first of many is uploaded. */
  examine: 'geminiFilesExamine',
  /** Finds the files of a sweep. */
  findAbandoned: 'geminiFilesFindAbandoned',
  /** Deletes one file of a sweep. */
  deleteAbandoned: 'geminiFilesDeleteAbandoned',
} as const;

/** Query that answers an `UploadStatus`. */
export const STATUS_QUERY = 'uploadStatus';

/** Signal that ends the current sleep, so that the file is checked at once. */
export const CHECK_NOW_SIGNAL = 'checkNow';

/** Signals to a hold. */
export const ACQUIRE_HOLD_SIGNAL = 'acquireHold';
/** Signal that ends a lease of a hold. Its argument is a `ReleaseHold`. */
export const RELEASE_HOLD_SIGNAL = 'releaseHold';

/** Signal by which a hold answers the workflow that acquired a lease. */
export const HELD_FILE_READY_SIGNAL = 'heldFileReady';

/** The failure of a query that met an event before its workflow task. A later query is answered. */
export const QUERY_AGAIN = 'The query met an event that no workflow task has brought yet; query again';

/** Query that answers a `HoldStatus`. */
export const HELD_FILE_QUERY = 'heldFile';
