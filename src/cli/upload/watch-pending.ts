/** Tells what a run does and waits for, while the command waits for something of the run that only the run itself has. */

import { setTimeout as sleep } from 'node:timers/promises';
import type { WorkflowHandle } from '@temporalio/client';
import { queryStatus } from '../../client/held-file.js';
import { readPending } from '../../client/pending-activities.js';
import { createBytesView, createTroubleView, saidBeside } from '../terminal/progress-view.js';
import { warnIfUnattended, type WatchContext } from './unattended.js';

/** Time between two looks, milliseconds. */
const LOOK_MS = 500;

/** Looks until it is stopped. @returns a function that stops it, and resolves when no look is under way */
export function watchPending(workflow: WorkflowHandle, context: WatchContext): () => Promise<void> {
  const left = new AbortController();
  const bytes = createBytesView(context.output);
  const output = saidBeside(context.output, () => bytes);
  const trouble = createTroubleView(output);
  let shown: number | undefined;
  const look = async () => {
    const description = await workflow.describe();
    const { bytesSent, sizeBytes, lastFailure } = await readPending(workflow, description);
    if (left.signal.aborted) return;
    if (bytesSent !== undefined && sizeBytes !== undefined) {
      if (bytesSent !== shown) bytes.show(bytesSent, sizeBytes);
      shown = bytesSent;
    } else if (shown !== undefined) {
      shown = undefined;
      bytes.pause();
      // An upload that has failed, or that waits for storage, is not under way either.
      const status = await queryStatus(context.client, workflow);
      if (left.signal.aborted) return;
      if (status?.phase === 'processing') {
        bytes.end(true);
        output.say('The file is uploaded; waiting until it is ACTIVE');
      }
    }
    if (lastFailure) trouble(lastFailure);
  };
  const watch = async () => {
    while (!left.signal.aborted) {
      // A look that failed must not stop the command: what it waits for shows how the run ended.
      await look().catch(() => undefined);
      await sleep(LOOK_MS, undefined, { signal: left.signal }).catch(() => undefined);
    }
  };
  const watching = watch();
  const stopLooking = warnIfUnattended({ workflow }, { ...context, output }, undefined);
  return async () => {
    stopLooking();
    left.abort();
    bytes.end(false);
    await watching;
  };
}
