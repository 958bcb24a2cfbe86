/** A topology for the time of one piece of work. */
import { setMaxListeners } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findTemporalCli } from '../../dist/cli/temporal-cli/index.js';
import { serverBinaries } from './binaries.js';
import { exitIfToolsAreMissing } from './missing-tools.js';
import { showLogs } from './processes.js';
import { createTopology } from './topology.js';

const interrupted = new Promise((_, reject) => {
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => reject(new Error(signal)));
});
interrupted.catch(() => undefined);

/**
 * Creates a topology, gives it to `work` with a signal that aborts at the end, and ends all of it, whatever happens. If the work
 * throws or returns false, the last lines of each log follow. Ends this process if what a topology needs is missing.
 *
 * @returns what `work` returned; undefined if it or the topology failed
 */
export async function withTopology(options, say, work) {
  await exitIfToolsAreMissing();
  const folder = await mkdtemp(join(tmpdir(), 'topology-'));
  const stop = new AbortController();
  setMaxListeners(0, stop.signal); // one for each thing to come
  // Uploads that were just beginning may still be writing their files.
  const closers = [() => rm(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 })];
  try {
    const { path: temporalCli } = await findTemporalCli({ onProgress: say });
    const binaries = { ...(await serverBinaries(say)), temporalCli };
    // Not to be interrupted, so that all that it starts has its closer.
    const topology = await createTopology({ folder, binaries, closers, ...options });
    const result = await Promise.race([work(topology, stop.signal), interrupted]);
    if (result === false) await showLogs(folder, say);
    return result;
  } catch (error) {
    say(error.stack);
    await showLogs(folder, say);
    return undefined;
  } finally {
    stop.abort();
    // One that fails must not keep the rest from being ended.
    for (const close of closers.reverse()) await (async () => close())().catch((error) => say(error.stack));
  }
}
