export { HIDE_NEWS } from './executable.js';
export { findTemporalCli, locateTemporalCli, type TemporalCli } from './find.js';
