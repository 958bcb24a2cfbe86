/** How long what is still open may take to close by itself. */
const PATIENCE_MS = 500;

/**
 * Ends the process with `code`. What an interrupt has cut short (an installation, calls to a server that is gone) would otherwise
 * keep it alive for as long as that takes.
 */
export function leave(code: number): void {
  process.exitCode = code;
  setTimeout(() => process.exit(), PATIENCE_MS).unref();
}
