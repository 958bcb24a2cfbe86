/** The bound of a request holds, whatever the garbage collector does meanwhile. */

import { once } from 'node:events';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { withTimeout } from '../../src/util/with-timeout.js';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

it('a timeout beside another signal survives a garbage collection', async () => {
  const caller = new AbortController();
  const signal = withTimeout(100, caller.signal);
  const aborted = once(signal, 'abort');
  // The timeout is garbage only after the task that created it.
  await sleep(1);
  collectGarbage();
  await aborted;
  expect(signal.reason).toMatchObject({ name: 'TimeoutError' });
}, 2000);
