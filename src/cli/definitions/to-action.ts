/** Makes a commander action of a command that returns its exit code. */
export type ToAction = <Args extends unknown[]>(
  command: (...args: Args) => Promise<number>,
) => (...args: Args) => Promise<void>;
