// The provider, in a process of its own that nothing kills. Told what to do over IPC.
import { GeminiFilesEmulator } from '../../dist/testing/index.js';

/** A file's fate stands in its display name: `<fate>-<processingMs>-<index>`. */
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

const answers = {
  fault: (fault) => emulator.addFaults(fault),
  books: () => ({
    files: [...emulator.files.values()].map(({ name, state, sha256, displayName }) => ({
      name,
      state,
      sha256,
      displayName,
    })),
    uploads: emulator.sessions.filter(({ state }) => state === 'final').map(({ displayName }) => displayName),
    requests: emulator.requests.length,
    bytes: bytesByDisplayName(),
  }),
  close: () => emulator.close().then(() => process.disconnect()),
};

process.on('message', async ({ id, call, argument }) => {
  const value = await answers[call](argument);
  if (process.connected) process.send({ id, value: value ?? null });
});
process.send({ url: emulator.url });
