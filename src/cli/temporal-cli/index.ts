export {
  findTemporalCli,
  locateTemporalCli,
  TemporalCliNotFoundError,
  type FindCliOptions,
  type TemporalCli,
} from './find.js';
