/**
 * Bounds of a few seconds, for programs on a machine that also does other work. What counts is the time since the start, without the
 * time for which the kernel let processes wait for a processor, the disk or memory meanwhile (Linux, /proc/pressure; 0 elsewhere).
 */

import { readFileSync } from 'node:fs';

/** Starts; the result returns the milliseconds since then. A lower bound needs a clock instead: less than the real time is counted. */
export function stopwatch(): () => number {
  const startedAt = performance.now();
  const heldUpBefore = heldUpMs();
  return () => Math.max(0, performance.now() - startedAt - (heldUpMs() - heldUpBefore));
}

/** Since the machine started. */
function heldUpMs(): number {
  return ['cpu', 'io', 'memory'].reduce((sum, what) => sum + someMs(what), 0);
}

/** How long at least one process has waited for `what`. */
function someMs(what: string): number {
  try {
    const [, micros] = /^some .* total=(\d+)/.exec(readFileSync(`/proc/pressure/${what}`, 'utf8')) ?? [];
    return Number(micros ?? 0) / 1000;
  } catch {
    // Not Linux, or without pressure figures.
    return 0;
  }
}
