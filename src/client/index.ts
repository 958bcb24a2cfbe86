/** Entry point `temporal-gemini-files`: the contract and the client. Loads no native module. */
export { GeminiFilesClient, type GeminiFilesClientOptions } from './gemini-files-client.js';
export type { StartOptions, UploadFrom, UploadSettings, WaitSettings } from './input.js';
export { scheduleSweep, type ScheduleSweepOptions } from './schedule-sweep.js';
export { HeldFile, HeldFileLease } from './held-file.js';
export type { HoldClientSettings } from './acquire-hold.js';
export { UploadHandle } from './handle.js';
export type { AttemptFailure } from './pending-activities.js';
export type { ProgressOptions, UploadProgress } from './progress.js';
export type {
  CheckInput,
  CheckResult,
  DeleteInput,
  GeminiFilesActivities,
  UploadHeartbeat,
  UploadInput,
  UploadResult,
} from '../contract/activities.js';
export { parseDuration, type Duration } from '../contract/duration.js';
export type { ErrorKind, Operation } from '../contract/error-kind.js';
export {
  EmptyFileError,
  FileChangedError,
  FileNotFoundError,
  FileTooLargeError,
  GeminiFilesError,
  InvalidCredentialsError,
  InvalidOptionsError,
  MissingCredentialsError,
  MissingDependencyError,
  NotAFileError,
  PathNotAllowedError,
  ProviderError,
  QuotaExceededError,
  SourceError,
  SourceNotAllowedError,
  UnsupportedProviderError,
  UploadFailedError,
  UploadInactiveError,
  isGeminiFilesError,
  type Cleanup,
  type ErrorFields,
  type FailureDetails,
  type FailureType,
  type SourceErrorFields,
} from '../contract/errors.js';
export { fromApplicationFailure, toApplicationFailure } from '../contract/failure.js';
export {
  fileState,
  type ActiveFile,
  type FileState,
  type GeminiFile,
  type UploadPhase,
  type UploadStatus,
} from '../contract/file.js';
export type {
  FileIdentity,
  IdentifyActivities,
  IdentifyInput,
  IdentifyOptions,
  IdentifyResult,
} from '../contract/identify.js';
export {
  resolveHoldOptions,
  type AcquireHold,
  type HeldFileReady,
  type HoldFailure,
  type HoldLease,
  type HoldOptions,
  type HoldPhase,
  type HoldResult,
  type HoldSettings,
  type HoldStatus,
  type ReleaseHold,
  type ReplyTo,
  type ResolvedHoldOptions,
} from '../contract/hold.js';
export type { HoldTarget } from '../contract/hold-target.js';
export {
  ACQUIRE_HOLD_SIGNAL,
  ACTIVITY,
  CHECK_NOW_SIGNAL,
  HELD_FILE_QUERY,
  HELD_FILE_READY_SIGNAL,
  PROVIDER,
  RELEASE_HOLD_SIGNAL,
  STATUS_QUERY,
  TASK_QUEUE,
  WORKFLOW,
} from '../contract/names.js';
export {
  BOUNDS,
  resolveUploadOptions,
  type FileOrigin,
  type ResolvedUploadOptions,
  type UploadOptions,
} from '../contract/options.js';
export { resolveWaitOptions, type ResolvedWaitOptions, type WaitOptions } from '../contract/wait-options.js';
export {
  type AbandonedFile,
  type LeftRun,
  type SweepOptions,
  type SweepOutcome,
  type SweepResult,
  type SweptFile,
} from '../contract/sweep.js';
export { toPart, toProviderReference, type FilePart, type ProviderReference } from '../contract/part.js';
