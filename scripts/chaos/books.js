/** The balance at the end: who owns what at the provider, and whether that is what was promised. */

/**
 * @param runs - `{index, outcome, displayName, file?, sha256s}`; outcome is `completed`, `cancelled`, `terminated` or the failure's
 *   type; `sha256s` are the hashes of the versions of its content. Optional: `label`; `names`, the files that the run worked on (by
 *   default all under its display name); `cleanup`, what the run said of it; `sentNothing`, whether it said that it had nothing to clean
 *   up; `superseded`, whether a reset made another run of it, which may have deleted its file; `resets`, how often its workflow was
 *   reset; `unexpected`, how it ended although it should not
 * @param files - the files at the provider
 * @param uploads - `{name, displayName}` of each upload that was finalized, whatever became of its file
 * @returns counts, a line for each entry that does not balance, and the display names that these lines are about
 */
export function balance(runs, files, uploads) {
  const wrong = [];
  const suspects = new Set();
  const blame = (displayName, line) => {
    wrong.push(line);
    suspects.add(displayName);
  };
  const owned = new Set(runs.filter(({ outcome }) => outcome === 'completed').map(({ file }) => file));
  // The run itself says that they are there.
  const admitted = new Set();
  for (const run of runs) {
    const its = files.filter(({ name, displayName }) =>
      run.names ? run.names.includes(name) : displayName === run.displayName,
    );
    if (run.outcome === 'completed') {
      for (const line of faultsOfCompleted(run, its, files)) blame(run.displayName, line);
      continue;
    }
    const left = its.filter(({ name }) => !owned.has(name));
    if (run.cleanup === 'kept' || run.cleanup === 'failed') left.forEach(({ name }) => admitted.add(name));
    else if (left.length > 0)
      blame(run.displayName, `${labelOf(run)} left ${left.map(({ name }) => name).join(', ')}`);
  }
  const unowned = files.filter(({ name }) => !owned.has(name) && !admitted.has(name));
  for (const { name, displayName } of unowned)
    blame(displayName, `${name} (${displayName}) belongs to nobody`);
  for (const run of runs.filter(({ sentNothing }) => sentNothing))
    if (uploads.some(({ name }) => run.names.includes(name)))
      blame(run.displayName, `${labelOf(run)} had nothing to clean up, but has uploaded a file`);
  for (const { displayName, line } of uploadedTwice(runs, uploads)) blame(displayName, line);
  for (const run of runs.filter(({ unexpected }) => unexpected))
    blame(run.displayName, `${labelOf(run, false)} ended as ${run.unexpected}`);

  const outcomes = {};
  for (const { outcome } of runs) outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
  return {
    counts: { runs: runs.length, ...outcomes, files: files.length, unowned: unowned.length },
    wrong,
    suspects: [...suspects],
  };
}

function labelOf({ label, index, outcome }, withOutcome = true) {
  return `${label ?? `run ${index}`}${withOutcome ? ` (${outcome})` : ''}`;
}

function* faultsOfCompleted(run, its, files) {
  const label = labelOf(run);
  const file = files.find(({ name }) => name === run.file);
  if (!file && run.superseded) return;
  if (!file) yield `${label} has no file: ${run.file} is not there`;
  else if (file.state !== 'ACTIVE') yield `${label} has a file in state ${file.state}`;
  else if (!run.sha256s.includes(file.sha256)) yield `${label} has a file with another hash`;
  if (its.length > 1) yield `${label} has ${its.length} files`;
}

/**
 * A workflow uploads under one name, and under one more after each reset to its begin. The file that a completed run returned
 * was created once. A name of another run can be created again: a finalize that its attempt could not wait for may come after
 * the delete. The clean-up repeats its delete for that reason, and the other checks find a file that it left.
 */
function* uploadedTwice(runs, uploads) {
  const timesByName = new Map();
  const namesByDisplayName = new Map();
  for (const { name, displayName } of uploads) {
    timesByName.set(name, (timesByName.get(name) ?? 0) + 1);
    namesByDisplayName.set(displayName, (namesByDisplayName.get(displayName) ?? new Set()).add(name));
  }
  for (const { displayName, file } of runs) {
    const times = timesByName.get(file);
    if (times > 1) yield { displayName, line: `${file} (${displayName}) was uploaded ${times} times` };
  }
  for (const [displayName, names] of namesByDisplayName) {
    const resets = runs.find((run) => run.displayName === displayName)?.resets ?? 0;
    if (names.size > 1 + resets)
      yield { displayName, line: `${displayName} was uploaded under ${names.size} names` };
  }
}

const PARTIAL = ['cancelled', 'terminated', 'FileChangedError'];

/**
 * What resumption saves: 1 if each byte came once, 2 if each file was sent twice. Of the runs that were not ended from outside;
 * those that were may have sent a part only, as those whose file changed.
 *
 * @param bytes - received, by display name
 */
export function bytesReceivedPerByteOfFiles(runs, bytes) {
  const whole = runs.filter(({ outcome }) => !PARTIAL.includes(outcome));
  const received = whole.reduce((sum, { displayName }) => sum + (bytes[displayName] ?? 0), 0);
  const size = whole.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  return Number((received / size).toFixed(3));
}
