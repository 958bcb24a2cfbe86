/** Replays what a Temporal server has recorded against the built workflows. */
import { fileURLToPath } from 'node:url';
import { ReplayError, replayHistories } from '../dist/testing/index.js';

const codePath = fileURLToPath(new URL('../dist/workflow-bundle.js', import.meta.url));

/**
 * @param client - Temporal's `Client`
 * @param query - of the visibility store
 * @param limit - how many histories at most
 * @returns how many replayed, and a line for each that did not
 */
export async function replayAll(client, query, limit) {
  try {
    const { replayed } = await replayHistories({ client, query, limit }, { workflowBundle: { codePath } });
    return { replayed: replayed.length, failures: [] };
  } catch (error) {
    if (!(error instanceof ReplayError)) throw error;
    return {
      replayed: error.replayed.length,
      failures: error.failures.map(({ name, message }) => `${name} does not replay: ${message}`),
    };
  }
}
