/** A check of all books: of the uploads, whose runs have ended, and of the holds, some of which go on. */
import { setTimeout as sleep } from 'node:timers/promises';
import { balance } from './books.js';
import { auditHolds } from './hold-audit.js';
import { balanceHolds, isOpen } from './hold-books.js';
import { isOfHold } from './hold-plan.js';
import { lastingLeases } from './lease-books.js';
import { watchHolds } from './watch-holds.js';

/** A hold whose last lease has just ended deletes its file. */
const END_MS = 45_000;

/**
 * @param entries - of the audit of the uploads
 * @param holds - the records of the holds, and how often each may have been terminated
 * @returns a function that resolves with `{books, holds, counts, wrong, suspects}`
 */
export function createChecks({ client, emulator, entries, holds }) {
  const withRuns = async () => {
    const runs = await auditHolds(client);
    return holds.map((hold) => ({ ...hold, runs: runs.get(hold.holdId) ?? [] }));
  };
  return async () => {
    let audited = await withRuns();
    const deadline = Date.now() + END_MS;
    while (audited.some(isEnding) && Date.now() < deadline) {
      await sleep(1000);
      audited = await withRuns();
    }
    const watched = await watchHolds(client, audited.filter(isOpen), () => emulator.call('files'));
    const all = [...audited.filter((hold) => !isOpen(hold)), ...watched];
    const books = await emulator.call('books');
    const ofUploads = balance(
      entries,
      books.files.filter((file) => !isOfHold(file)),
      books.uploads.filter((upload) => !isOfHold(upload)),
    );
    const ofHolds = balanceHolds(all, books.files.filter(isOfHold), books.deletions);
    return {
      books,
      holds: all,
      counts: ofUploads.counts,
      wrong: [...ofUploads.wrong, ...ofHolds.wrong],
      suspects: [...ofUploads.suspects, ...ofHolds.suspects],
    };
  };
}

/** Whether a hold is open without a lease that lasts until the end: it may end at any moment. */
function isEnding(hold) {
  return isOpen(hold) && lastingLeases(hold.runs.at(-1), Date.now() + 600_000).length === 0;
}
