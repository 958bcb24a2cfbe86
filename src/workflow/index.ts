/**
 * Sandbox-safe entry point `temporal-gemini-files/workflow`: re-export the workflows from your own workflows file,
 * run them as child workflows, or call them inline.
 */
export { preuploadAndWaitActive, uploadAndWaitActive, type RunOptions } from './upload-and-wait-active.js';
export { identifyFile } from './identify-file.js';
export { sweepAbandonedFiles } from './sweep-abandoned-files.js';
export { uploadAllAndWaitActive, type UploadAllOptions } from './upload-all-and-wait-active.js';
export { waitActive } from './wait-active.js';
export { holdActiveFile } from './hold-active-file.js';
export { acquireHold, heldFile, releaseHold } from './hold/hold-view.js';
export { contentHoldId } from './content-hold-id.js';
export { acquireHeldFile, withHeldFile, type HeldFile, type WithHeldFileOptions } from './with-held-file.js';
export { heldFileReady } from './hold/answers.js';
export { withActiveFile } from './with-active-file.js';
export type { ActivityOverrides } from './activity-overrides.js';
export type { CarriedWait } from './wait-state.js';
export { checkNow, uploadStatus } from './status.js';
export type { ActiveFile, FileState, UploadPhase, UploadStatus } from '../contract/file.js';
export type { FileIdentity, IdentifyOptions } from '../contract/identify.js';
export type {
  AcquiredHold,
  AcquireHold,
  HeldFileReady,
  HoldFailure,
  HoldLease,
  HoldOptions,
  HoldPhase,
  HoldResult,
  HoldStatus,
  ReleaseHold,
} from '../contract/hold.js';
export type { HoldTarget } from '../contract/hold-target.js';
export type { CarriedHold } from './hold/holder.js';
export type { UploadOptions } from '../contract/options.js';
export type { WaitOptions } from '../contract/wait-options.js';
export type { Duration } from '../contract/duration.js';
export type { SweepOptions, SweepResult, SweptFile } from '../contract/sweep.js';
export { toPart, toProviderReference, type FilePart, type ProviderReference } from '../contract/part.js';
