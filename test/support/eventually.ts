import { vi } from 'vitest';

/**
 * Repeats `check` until it does not throw. In a file with concurrent tests it replaces `expect.poll`, which needs the one test that runs.
 */
export function eventually<T>(check: () => T | Promise<T>): Promise<T> {
  return vi.waitFor(check, { timeout: 60_000, interval: 50 });
}
