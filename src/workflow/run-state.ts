/**
 * State of the run. Nothing of it may be kept in variables of a module: the workflows that the package ships are loaded once for all
 * runs of a worker thread (`preloadModules`), so that those variables are shared. Lint refuses their usual forms; it
 * can't see that a run changes an object.
 */

/**
 * Temporal gives each run global variables of its own: when it goes on with another run, it replaces all of them, those named by a
 * symbol included. So a value is found under a symbol of `globalThis`.
 *
 * @param make - makes the value of a run, when the run first asks for it
 * @returns a function that returns the value of the run in which it is called
 */
export function runState<T extends object>(make: () => T): () => T {
  const key = Symbol();
  const values = globalThis as { [key]?: T };
  return () => (values[key] ??= make());
}
