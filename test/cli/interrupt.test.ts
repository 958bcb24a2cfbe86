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
