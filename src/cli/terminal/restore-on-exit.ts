/**
 * Ends a bar also if the process exits while it is shown, as by a second Ctrl-C: cli-progress hides the cursor and stops the wrapping of
 * lines, and only a bar's `stop` restores these.
 *
 * @param stop - called by `process.exit`, and so has to be synchronous, unless the function that is returned is called before
 */
export function restoreOnExit(stop: () => void): () => void {
  process.once('exit', stop);
  return () => void process.off('exit', stop);
}
