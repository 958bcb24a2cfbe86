/** What the terminal is told of an end: 0 done, 1 failed, 2 bad usage, 3 not ACTIVE in time, 130 cancelled. */
export const EXIT = { done: 0, failed: 1, usage: 2, inactive: 3, cancelled: 130 } as const;
