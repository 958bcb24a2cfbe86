/** How a command ends: its exit code, and the errors of the command line itself. */

/** `inactive`: the file was not ACTIVE in time. `brokenPipe`: the reader of the output is gone, 128 and SIGPIPE. */
export const EXIT = { done: 0, failed: 1, usage: 2, inactive: 3, cancelled: 130, brokenPipe: 141 } as const;

/** A mistake in the command line or in the configuration. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** A command was interrupted before it had anything to cancel. */
export class InterruptedError extends Error {
  override readonly name = 'InterruptedError';
}
