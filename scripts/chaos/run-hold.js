/** One hold of the plan: several callers, each with a lease, through whatever breaks on the way. */
import { setTimeout as sleep } from 'node:timers/promises';
import { WorkflowFailedError } from '@temporalio/client';
import { isGeminiFilesError } from '../../dist/client/index.js';
import { persistently, unlessEnded } from './run-one.js';

/**
 * @param client - Temporal's `Client`
 * @param gemini - a `GeminiFilesClient`
 * @param put - makes the file; see input-files.js
 * @param begin - when the plan began, milliseconds since the epoch
 * @param started - called with the id of the hold and its record
 * @returns the record: what the callers saw is in `handedOut`, `{name, atMs}`, and `failures`, `{leaseId, step, name, message}`
 */
export async function runHold({ client, gemini, put, plan, begin, started }) {
  const displayName = `${plan.fate}-${plan.processingMs}-${plan.index}`;
  const { from, sha256s } = await put(plan);
  const { holdId } = plan;
  const record = { holdId, displayName, sha256s, plan, handedOut: [], failures: [], steps: {} };
  await sleep(Math.max(0, begin + plan.atMs - Date.now()));
  const settings = {
    displayName,
    holdId,
    mimeType: 'video/mp4',
    timeout: plan.timeoutMs,
    pollInterval: '500ms',
    maxPollInterval: '2s',
    renewBefore: plan.renewBeforeMs,
    grace: plan.graceMs,
    linger: plan.lingerMs,
  };
  started(holdId, record);
  const at = (afterMs) => sleep(Math.max(0, begin + plan.atMs + afterMs - Date.now()));
  const count = (what) => void (record.steps[what] = (record.steps[what] ?? 0) + 1);

  /** Notes a file that a caller was given, and the time before which it cannot have been taken away. */
  const handOut = async (ask) => {
    let atMs;
    const { id, sha256 } = await persistently(() => {
      atMs = Date.now();
      return ask();
    });
    record.handedOut.push({ name: id, sha256, atMs });
  };
  const ifOpen = async (act) => {
    const wasOpen = await persistently(() => unlessEnded(() => act(client.workflow.getHandle(holdId))));
    if (!wasOpen) count('tooLate');
  };
  const signal = (name, argument) => ifOpen((handle) => handle.signal(name, argument));
  const steps = {
    acquire: (leaseId, { forMs, via }) => {
      if (via === 'signal') return signal('acquireHold', { leaseId, for: forMs });
      return handOut(async () => (await gemini.hold(from, { ...settings, leaseId, for: forMs })).file);
    },
    extend: (leaseId, { forMs, via }) => {
      if (via === 'signal') return signal('acquireHold', { leaseId, for: forMs });
      return persistently(() => gemini.attachHold(holdId, leaseId).extend(forMs));
    },
    current: (leaseId) => handOut(() => gemini.attachHold(holdId, leaseId).current()),
    release: (leaseId, { via }) => {
      if (via === 'signal') return signal('releaseHold', { leaseId });
      return persistently(() => gemini.attachHold(holdId, leaseId).release());
    },
  };
  const hold = async ({ id, steps: todo }) => {
    for (const { afterMs, ...step } of todo) {
      await at(afterMs);
      count(step.do);
      try {
        await steps[step.do](id, step);
      } catch (error) {
        // A hold that was cancelled fails with Temporal's own error.
        if (!isGeminiFilesError(error) && !(error instanceof WorkflowFailedError)) throw error;
        const { name, message } = error;
        record.failures.push({ leaseId: id, step: step.do, atMs: Date.now(), name, message });
      }
    }
  };
  const cancel = async () => {
    if (plan.cancelAfterMs === undefined) return;
    await at(plan.cancelAfterMs);
    await ifOpen((handle) => handle.cancel());
  };
  await Promise.all([...plan.leases.map(hold), cancel()]);
  return record;
}
