// The provider, in a process of its own that nothing kills. Told what to do over IPC.
import { GeminiFilesEmulator } from '../../dist/testing/index.js';
import { RETENTION_MS } from './hold-plan.js';
import { answerCalls } from './service.js';

/** A file's fate is in its display name: `<fate>-<processingMs>-<index>`. */
function processing({ displayName }) {
  const [fate, ms] = displayName.split('-');
  return {
    after: Number(ms),
    outcome: fate === 'active' ? 'ACTIVE' : fate === 'failed' ? 'FAILED' : 'NEVER',
  };
}

const emulator = await GeminiFilesEmulator.start({
  processing,
  processingTypes: [''],
  granularity: 1024 * 1024,
  retention: RETENTION_MS,
  // All that come in a run: the books count bytes over them.
  maxRecordedRequests: 1_000_000,
});

/** Bytes received, wanted or not, by the display name of their upload. */
function bytesByDisplayName() {
  const names = new Map(emulator.sessions.map(({ id, displayName }) => [id, displayName]));
  const sums = {};
  for (const { uploadId, operation, bytes } of emulator.requests) {
    if (operation !== 'upload') continue;
    const name = names.get(uploadId);
    sums[name] = (sums[name] ?? 0) + bytes;
  }
  return sums;
}

/** How many requests met a fault of each kind. */
function faultsMet() {
  const counts = {};
  for (const { fault } of emulator.requests) if (fault) counts[fault.do] = (counts[fault.do] ?? 0) + 1;
  return counts;
}

function describe({ operation, command, uploadId, file, offset, bytes, status, outcome, fault }) {
  const words = [operation, command.join('+'), uploadId && `session ${uploadId.slice(-6)}`, file];
  if (operation === 'upload') words.push(`offset ${offset}, ${bytes} bytes`);
  words.push(`-> ${status ?? outcome}`, fault && `fault ${fault.do}`);
  return words.filter(Boolean).join(' ');
}

/** When the first request came to delete each file, whatever became of it: from then on nobody was to be given the file. */
function deletions() {
  const times = {};
  for (const { operation, file, startedAt } of emulator.requests)
    if (operation === 'delete' && file) times[file] ??= startedAt;
  return times;
}

const toEntry = ({ name, state, sha256, displayName }) => ({ name, state, sha256, displayName });

answerCalls(emulator.url, {
  fault: (fault) => emulator.addFaults(fault),
  files: () => [...emulator.files.values()].map(toEntry),
  books: () => ({
    files: [...emulator.files.values()].map(toEntry),
    uploads: emulator.sessions
      .filter(({ state }) => state === 'final')
      .map(({ name, displayName }) => ({ name, displayName })),
    deletions: deletions(),
    requests: emulator.requests.length,
    faultsMet: faultsMet(),
    bytes: bytesByDisplayName(),
  }),
  /** Of one display name: `{atMs, line}` for each request. */
  log: (displayName) => {
    const sessions = emulator.sessions.filter((session) => session.displayName === displayName);
    const ids = new Set(sessions.map(({ id }) => id));
    const names = new Set(sessions.map(({ name }) => name));
    return emulator.requests
      .filter(({ uploadId, file }) => ids.has(uploadId) || names.has(file))
      .map((request) => ({ atMs: request.startedAt, line: describe(request) }));
  },
  close: () => emulator.close(),
});
