/** The balance at the end: who owns what at the provider, and whether that is what was promised. */

/**
 * @param runs - `{index, outcome, file?, sha256}`; outcome is `completed`, `cancelled` or the failure's type
 * @param files - what stands at the provider
 * @param uploads - display name of each upload that was finalized, whatever became of its file
 * @returns counts, and a line for each entry that does not balance
 */
export function balance(runs, files, uploads) {
  const wrong = [];
  const byName = new Map(files.map((file) => [file.name, file]));
  const owned = new Set();
  for (const run of runs) {
    const label = `run ${run.index} (${run.outcome})`;
    const its = files.filter((file) => file.displayName === run.displayName);
    const times = uploads.filter((displayName) => displayName === run.displayName).length;
    if (times > 1) wrong.push(`${label} uploaded its file ${times} times`);
    if (run.outcome !== 'completed') {
      if (its.length > 0) wrong.push(`${label} left ${its.map(({ name }) => name).join(', ')}`);
      continue;
    }
    const file = byName.get(run.file);
    owned.add(run.file);
    if (!file) wrong.push(`${label} has no file: ${run.file} is not there`);
    else if (file.state !== 'ACTIVE') wrong.push(`${label} has a file in state ${file.state}`);
    else if (file.sha256 !== run.sha256) wrong.push(`${label} has a file with another hash`);
    if (its.length > 1) wrong.push(`${label} has ${its.length} files`);
  }
  const unowned = files.filter(({ name }) => !owned.has(name));
  for (const { name, displayName } of unowned) wrong.push(`${name} (${displayName}) belongs to nobody`);
  for (const run of runs.filter(({ unexpected }) => unexpected))
    wrong.push(`run ${run.index} ended as ${run.unexpected}`);

  const outcomes = {};
  for (const { outcome } of runs) outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
  return { counts: { runs: runs.length, ...outcomes, files: files.length, unowned: unowned.length }, wrong };
}

/**
 * What resumption saves: 1 where each byte came once, 2 where each file was sent twice. Of the runs that were not cancelled; those
 * that were may have sent a part only.
 *
 * @param bytes - received, by display name
 */
export function bytesReceivedPerByteOfFiles(runs, bytes) {
  const whole = runs.filter(({ outcome }) => outcome !== 'cancelled');
  const received = whole.reduce((sum, { displayName }) => sum + (bytes[displayName] ?? 0), 0);
  const size = whole.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  return Number((received / size).toFixed(3));
}
