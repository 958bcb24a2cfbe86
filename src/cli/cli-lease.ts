/** Lease of the command if none is named: so that a second `hold` extends it, and `release` ends it. */
export const CLI_LEASE = 'cli';
