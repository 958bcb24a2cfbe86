/** `inactive`: the file was not ACTIVE in time. `brokenPipe`: the reader of the output is gone, 128 and SIGPIPE. */
export const EXIT = { done: 0, failed: 1, usage: 2, inactive: 3, cancelled: 130, brokenPipe: 141 } as const;
