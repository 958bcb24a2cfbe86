/** `temporal-gemini-files/testing`: the Files API emulator, and the replay of recorded histories. */

export { GeminiFilesEmulator } from './emulator/emulator.js';
export type { EmulatedFile, EmulatedSession, SeedFile } from './emulator/emulated.js';
export type {
  CutAnswerFault,
  DelayFault,
  EndSessionFault,
  Fault,
  FaultAction,
  FaultMatch,
  FaultTarget,
  InformFault,
  LoseAnswerFault,
  OmitStateFault,
  PaceFault,
  Persist,
  ReportOffsetFault,
  ResetFault,
  RespondFault,
  RollBackFault,
  ShowLateFault,
  SlowFinalizeFault,
  StallFault,
  StripUploadHeadersFault,
  WrongHashFault,
} from './emulator/fault.js';
export { faults } from './emulator/fault-helpers.js';
export type { FileError, FileResource } from './emulator/file-record.js';
export type { EmulatorOptions } from './emulator/options.js';
export type { Outcome, Processing, UploadedFile } from './emulator/processing.js';
export type { RecordedRequest } from './emulator/recorded-requests.js';
export type { Operation } from './emulator/route.js';
export { EmulatorStateError } from './emulator/state-file.js';
export type { SessionState } from './emulator/upload-session.js';
export {
  ReplayError,
  replayHistories,
  type ReplayFailure,
  type ReplayOptions,
  type ReplayReport,
  type SkippedHistory,
} from './replay/replay-histories.js';
export type { HistorySource, NamedHistory, NamespaceHistories } from './replay/sources.js';
