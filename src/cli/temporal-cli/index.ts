export { assertNotTooOld, type Database } from './database.js';
export { HIDE_NEWS } from './executable.js';
export { findTemporalCli, locateTemporalCli, TemporalCliNotFoundError, type TemporalCli } from './find.js';
