export { attachEmbedded, type AttachOptions, type EmbeddedServer } from './attach.js';
export { cacheDirectory, stateDirectory } from './paths.js';
export type { EmbeddedAddresses } from './protocol.js';
export { readEmbeddedLock, type EmbeddedStatus } from './status.js';
export {
  findTemporalCli,
  locateTemporalCli,
  TemporalCliNotFoundError,
  type CliSource,
  type FindCliOptions,
  type TemporalCli,
} from './temporal-cli.js';
