/** Looks at the open holds until each owns just one file: a file that is being renewed or replaced is gone a few seconds later. */
import { setTimeout as sleep } from 'node:timers/promises';
import { faultsOfOpen } from './hold-books.js';
import { persistently } from './run-one.js';

const PAUSE_MS = 500;
const LONGEST_MS = 60_000;

/**
 * @param holds - of the books, with an open run
 * @param filesOf - resolves with the files at the provider
 * @returns the holds with their last `look`; see hold-books.js
 */
export async function watchHolds(client, holds, filesOf) {
  const seenSince = new Map();
  const deadline = Date.now() + LONGEST_MS;
  let settled = [];
  let open = holds;
  for (;;) {
    const looked = await Promise.all(
      open.map(async (hold) => ({ ...hold, look: await lookAt(client, hold, filesOf, seenSince) })),
    );
    const isSettled = (hold) => hold.look.extras.length === 0 && faultsOfOpen(hold).length === 0;
    settled = [...settled, ...looked.filter(isSettled)];
    open = looked.filter((hold) => !isSettled(hold));
    if (open.length === 0 || Date.now() > deadline) return [...settled, ...open];
    await sleep(PAUSE_MS);
  }
}

async function lookAt(client, { holdId, displayName }, filesOf, seenSince) {
  const query = () => persistently(() => client.workflow.getHandle(holdId).query('heldFile'));
  const before = await query();
  const files = (await filesOf()).filter((file) => file.displayName === displayName);
  const status = await query();
  const atMs = Date.now();
  // The files are those of this answer only if nothing has changed meanwhile.
  const current = before.file?.id === status.file?.id ? status.file?.id : undefined;
  const extras = files
    .filter(({ name }) => name !== current)
    .map(({ name }) => {
      if (!seenSince.has(name)) seenSince.set(name, atMs);
      return { name, forMs: atMs - seenSince.get(name) };
    });
  return { status, files, extras, atMs };
}
