/** Makes a commander action of a command that returns its exit code. What it does is loaded when it runs. */
export type ToAction = <Args extends unknown[]>(
  load: () => Promise<(...args: Args) => Promise<number>>,
) => (...args: Args) => Promise<void>;
