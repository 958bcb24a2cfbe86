export type {
  CheckInput,
  CheckResult,
  DeleteInput,
  GeminiFilesActivities,
  SourceFingerprint,
  UploadHeartbeat,
  UploadInput,
} from './activities.js';
export { parseDuration, type Duration } from './duration.js';
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
} from './errors.js';
export { failureDetails, fromApplicationFailure, toApplicationFailure } from './failure.js';
export {
  fileState,
  type ActiveFile,
  type FileState,
  type GeminiFile,
  type UploadPhase,
  type UploadStatus,
} from './file.js';
export { resolveHoldRequest, type HoldTarget } from './hold-target.js';
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
} from './hold.js';
export {
  ACQUIRE_HOLD_SIGNAL,
  ACTIVITY,
  CHECK_NOW_SIGNAL,
  HELD_FILE_QUERY,
  HELD_FILE_READY_SIGNAL,
  PROVIDER,
  RELEASE_HOLD_SIGNAL,
  STATUS_QUERY,
  SWEPT_WORKFLOW_TYPES,
  TASK_QUEUE,
  WORKFLOW,
} from './names.js';
export {
  BOUNDS,
  resolveUploadOptions,
  UPLOAD_FIELDS,
  type FileOrigin,
  type ResolvedUploadOptions,
  type UploadOptions,
} from './options.js';
export {
  resolveWaitOptions,
  WAIT_FIELDS,
  type ResolvedWaitOptions,
  type WaitOptions,
} from './wait-options.js';
export { addSweep, sweepFiles, type DeleteOutcome } from './sweep-files.js';
export {
  FILES_PER_SEARCH,
  resolveSweepOptions,
  SWEEP_BOUNDS,
  SWEEP_FIELDS,
  type AbandonedDeletion,
  type AbandonedFile,
  type AbandonedSearch,
  type FindAbandonedInput,
  type LeftRun,
  type SweepOptions,
  type SweepOutcome,
  type SweepResult,
  type SweptFile,
} from './sweep.js';
export { toPart, type FilePart } from './part.js';
