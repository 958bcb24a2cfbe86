/** What happened to one upload, from all sides, in the order of time. */
import { describeEvents } from './audit.js';

const MAX_LINES = 150;

/**
 * The journal of what was done: `note(line, workflowId?)`; without an id it concerns all workflows.
 *
 * @param loud - whether it is also written to stderr
 */
export function createJournal(loud) {
  const notes = [];
  return {
    notes,
    note(line, workflowId) {
      notes.push({ atMs: Date.now(), line, workflowId });
      if (loud) process.stderr.write(`${new Date().toISOString()} ${workflowId ?? ''} ${line}\n`);
    },
  };
}

/**
 * @param displayName - of the upload
 * @param entries - of the audit
 * @param notes - the journal's
 * @param log - `{atMs, line}` of each request to the provider about it
 * @param begin - milliseconds since the epoch, that the printed times count from
 * @returns lines
 */
export function explain({ displayName, entries, notes, log, begin }) {
  const its = entries.filter((entry) => entry.displayName === displayName);
  const events = its.flatMap(({ events: history, label }) =>
    describeEvents(history).map(({ atMs, line }) => ({ atMs, line: `temporal ${label.slice(-6)} ${line}` })),
  );
  const gemini = log.map(({ atMs, line }) => ({ atMs, line: `gemini   ${line}` }));
  const own = [...events, ...gemini].sort((a, b) => a.atMs - b.atMs);
  const [from, to] = [own[0]?.atMs ?? begin, own.at(-1)?.atMs ?? begin];
  const ids = new Set(its.map(({ workflowId }) => workflowId));
  const done = notes
    // A partition that began before lasts into it.
    .filter(({ atMs, workflowId }) =>
      workflowId ? ids.has(workflowId) : atMs >= from - 20_000 && atMs <= to + 20_000,
    )
    .map(({ atMs, line }) => ({ atMs, line: `chaos    ${line}` }));
  const lines = [...own, ...done]
    .sort((a, b) => a.atMs - b.atMs)
    .map(({ atMs, line }) => `  ${((atMs - begin) / 1000).toFixed(3).padStart(8)} s  ${line}`);
  const head = its.map(
    ({ label, outcome, cleanup, message }) =>
      `  ${label}: ${[outcome, cleanup && `cleanup ${cleanup}`, message].filter(Boolean).join(', ')}`,
  );
  const cut = lines.length > MAX_LINES ? [`  … and ${lines.length - MAX_LINES} more`] : [];
  return [`${displayName}:`, ...head, ...lines.slice(0, MAX_LINES), ...cut];
}
