/** Errors of the command line itself. */

/** A mistake in the command line or in the configuration. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** A command was interrupted before it had anything to cancel. */
export class InterruptedError extends Error {
  override readonly name = 'InterruptedError';
}
