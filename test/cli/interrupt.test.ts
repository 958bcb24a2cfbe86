import { afterEach, expect, it, vi } from 'vitest';
import { EXIT } from '../../src/cli/exit.js';
import { installInterruptHandler } from '../../src/cli/terminal/interrupt.js';

afterEach(() => vi.restoreAllMocks());

it('the second Ctrl-C ends the process, although the clock was set back after the first', () => {
  const exit = vi.spyOn(process, 'exit').mockReturnValue(undefined as never);
  let monotonicMs = 0;
  vi.spyOn(performance, 'now').mockImplementation(() => monotonicMs);
  using interrupt = installInterruptHandler();
  // The signal itself would also reach what the test runner has installed.
  const ctrlC = process.listeners('SIGINT').at(-1) as () => void;
  ctrlC();
  expect(interrupt.signal.aborted).toBe(true);
  const before = Date.now();
  vi.spyOn(Date, 'now').mockImplementation(() => before - 5 * 3_600_000);
  // npm repeats the first one.
  monotonicMs = 500;
  ctrlC();
  expect(exit).not.toHaveBeenCalled();
  monotonicMs = 501;
  ctrlC();
  expect(exit).toHaveBeenCalledWith(EXIT.cancelled);
});

it('a terminal that is closed after Ctrl-C is noticed when the process ends, too', () => {
  using interrupt = installInterruptHandler();
  const before = process.listeners('exit');
  const signal = (name: NodeJS.Signals) =>
    (process.listeners(name).at(-1) as (name: NodeJS.Signals) => void)(name);
  signal('SIGINT');
  signal('SIGHUP');
  const added = process.listeners('exit').filter((listener) => !before.includes(listener));
  for (const listener of added) process.off('exit', listener);
  expect(added).toHaveLength(1);
  expect(interrupt.cancelSignal.aborted).toBe(true);
});
