/** An acquire while a cancelled hold cleans up. The time-skipping server does not continue a cancelled run as new. */

import { expect, it } from 'vitest';
import { gate } from '../../support/gate.js';
import { heldProvider, isHeld } from '../../support/hold.js';
import { useDevServer } from '../../support/temporal.js';

const env = await useDevServer();

it('does not reach a lease that is acquired during the clean-up: that gets a new hold', async () => {
  const remove = gate();
  const provider = await heldProvider(env, {}, { delete: remove.pass });
  const hold = await provider.start({ for: '5d' });
  await provider.run(async () => {
    const { file: first } = await hold.until(isHeld);
    await hold.handle.cancel();
    await remove.reached;
    await hold.acquire('late', '1d');
    remove.open();
    const { file } = await hold.until((status) => status.file !== null && status.file.id !== first?.id);
    expect(provider.existing(Date.now())).toEqual([file?.id]);
    await hold.release('late');
    await hold.handle.result();
  });
  expect(provider.existing(Date.now())).toEqual([]);
});
