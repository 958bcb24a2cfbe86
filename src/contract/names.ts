/** The public names of the package on the wire. Any SDK or the Temporal CLI can start the workflows by them. */

/** Default task queue of the workflows and their activities. */
export const TASK_QUEUE = 'gemini-files';

/** The only provider there is. */
export const PROVIDER = 'google';

/** Workflow types. */
export const WORKFLOW = {
  uploadAndWaitActive: 'uploadAndWaitActive',
  preuploadAndWaitActive: 'preuploadAndWaitActive',
  waitActive: 'waitActive',
  holdActiveFile: 'holdActiveFile',
  acquireHeldFile: 'acquireHeldFile',
  contentHoldId: 'contentHoldId',
  identifyFile: 'identifyFile',
  sweepAbandonedFiles: 'sweepAbandonedFiles',
} as const;

/** The types of the runs that a sweep searches by default: those that upload. */
export const SWEPT_WORKFLOW_TYPES = [
  WORKFLOW.uploadAndWaitActive,
  WORKFLOW.preuploadAndWaitActive,
  WORKFLOW.holdActiveFile,
] as const;

/** Activity types, prefixed so that they can live in a user's own worker. */
export const ACTIVITY = {
  upload: 'geminiFilesUpload',
  check: 'geminiFilesCheck',
  delete: 'geminiFilesDelete',
  identify: 'geminiFilesIdentify',
  examine: 'geminiFilesExamine',
  findAbandoned: 'geminiFilesFindAbandoned',
  deleteAbandoned: 'geminiFilesDeleteAbandoned',
} as const;

/** Query that answers an `UploadStatus`. */
export const STATUS_QUERY = 'uploadStatus';

/** Signal that ends the current sleep, so that the file is checked at once. */
export const CHECK_NOW_SIGNAL = 'checkNow';

/** Signals to a hold. */
export const ACQUIRE_HOLD_SIGNAL = 'acquireHold';
export const RELEASE_HOLD_SIGNAL = 'releaseHold';

/** Signal by which a hold answers the workflow that acquired a lease. */
export const HELD_FILE_READY_SIGNAL = 'heldFileReady';

/** Query that answers a `HoldStatus`. */
export const HELD_FILE_QUERY = 'heldFile';
