export { findTemporalCli, locateTemporalCli, type TemporalCli } from './find.js';
