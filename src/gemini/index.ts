/**
 * Entry point `temporal-gemini-files/gemini`: the Files API over HTTP, without Temporal. Each call makes one attempt and
 * throws a `GeminiApiError` that says of what kind the trouble is; only `uploadFile` resumes broken connections by itself.
 */
export { GeminiApiError } from './api-error.js';
export type { ErrorKind, Operation } from '../contract/error-kind.js';
export {
  FileChangedError,
  GeminiFilesError,
  InvalidOptionsError,
  MissingDependencyError,
  SourceError,
  UploadFailedError,
  isGeminiFilesError,
} from '../contract/errors.js';
export type { ResumePoint, UploadEvent, UploadFileInput, UploadStep } from './attempt.js';
export type { GeminiConnection, RequestOutcome } from './connection.js';
export { DEFAULT_BASE_URL, isLoopback, parseBaseUrl } from './endpoint.js';
export { isFileName } from '../contract/file-name.js';
export { deleteFile, getFile, listFiles, type FilesPage } from './files-api.js';
export { detectMimeType } from './mime.js';
export { keyFingerprint, unsealSession as openSession, sealSession } from './seal.js';
export type { SendPace, SendTurn } from './send-pace.js';
export { FileSource } from './file-source.js';
export { storageUsage, type StorageUsage } from './usage.js';
export { uploadFile } from './upload-file.js';
export {
  cancelUpload,
  queryUpload,
  sendBytes,
  startUpload,
  type SendInput,
  type StartInput,
  type UploadSession,
  type UploadProgress as UploadStanding,
} from './upload-protocol.js';
export { sourceChanged, type UploadSource } from './upload-source.js';
export type { SourceFingerprint } from '../contract/activities.js';
export type { GeminiFile, FileState } from '../contract/file.js';
