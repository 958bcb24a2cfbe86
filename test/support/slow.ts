/** Tests that take minutes, for `npm run test:release`. */

import { it } from 'vitest';

const isRelease = Boolean(process.env.RUN_SLOW);

/** Like `it`; skipped without `RUN_SLOW`, which its name then says. */
export function slowIt(name: string, test: () => Promise<void>, timeoutMs?: number): void {
  const shown = isRelease ? name : `${name} (SKIPPED: slow; npm run test:release)`;
  it.runIf(isRelease)(shown, test, timeoutMs);
}
