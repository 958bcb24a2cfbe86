/** Carries out the disturbances of a plan, and says which of them met something. */
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { ServiceError, WorkflowFailedError, WorkflowNotFoundError } from '@temporalio/client';
import { defaultPayloadConverter } from '@temporalio/common';
import { persistently } from './run-one.js';

const NAMESPACE = 'default';
const TASK_QUEUE = 'gemini-files';

/** How many workflows are asked for an activity under way. */
const LOOKED_AT = 20;

/** Bytes. */
const MUCH = 8 * 1024 * 1024;

/** How often an event looks for something that it can be done to. */
const MAX_TRIES = 10;

/**
 * @param client - Temporal's `Client`
 * @param runs - an `OpenRuns`
 * @param note - called with a line for the journal, and the workflow's id if it is about one
 * @returns `{perform, sweep, met}`: `perform(event)` does one event of the plan
 */
export function createActions({ client, world, runs, note }) {
  const { workflow, workflowService } = client;
  let sweeps = 0;
  const met = { failedSweeps: 0 };
  const count = (kind) => void (met[kind] = (met[kind] ?? 0) + 1);

  const acts = {
    async partition({ worker, direction, forMs, reset, pick, cancel }, isLastTry) {
      const relay = world.relays[worker];
      const inUpload = await findActivity(pick, (activity) => isUploadOn(activity, worker));
      if (!inUpload && !isLastTry) return false;
      note(`${worker} is cut off from Temporal (${direction}) for ${forMs} ms`);
      relay.cut(direction);
      const cancelled = inUpload && cancel && (await cancelUpload(inUpload.workflowId));
      if (cancelled) count('cancelInPartition');
      await sleep(forMs);
      relay.heal({ reset });
      note(`${worker} is connected again${reset ? ', by new connections' : ''}`);
      return true;
    },

    async activityReset({ pick, resetHeartbeat }) {
      const found = await findActivity(pick, () => true);
      if (!found) return false;
      const { activity, workflowId, runId } = found;
      await workflowService.resetActivity({
        namespace: NAMESPACE,
        execution: { workflowId, runId },
        id: activity.activityId,
        resetHeartbeat,
      });
      const which = `${activity.activityType.name}, attempt ${activity.attempt}`;
      note(`${which} is reset${resetHeartbeat ? ' with its heartbeat' : ''}`, workflowId);
      return true;
    },

    async workflowReset({ pick, point }) {
      const [workflowId] = runs.from(pick);
      return runs.act(workflowId, async () => {
        const handle = workflow.getHandle(workflowId);
        const { runId, status } = await handle.describe();
        if (status.name !== 'RUNNING') return false;
        const { events } = await workflow.getHandle(workflowId, runId).fetchHistory();
        const points = events.filter((event) => event.workflowTaskCompletedEventAttributes);
        if (points.length === 0) return false;
        const { eventId } = points[Math.floor(point * points.length)];
        runs.touch(workflowId, 'reset');
        const { runId: next } = await workflowService.resetWorkflowExecution({
          namespace: NAMESPACE,
          workflowExecution: { workflowId, runId },
          reason: 'chaos',
          workflowTaskFinishEventId: eventId,
          requestId: randomUUID(),
        });
        note(`run ${runId} is reset to event ${eventId}; its successor is ${next}`, workflowId);
        return true;
      });
    },

    async termination({ pick }) {
      const [workflowId] = runs.from(pick);
      return runs.act(workflowId, async () => {
        runs.touch(workflowId, 'termination');
        await workflow.getHandle(workflowId).terminate('chaos');
        note('the workflow is terminated', workflowId);
        return true;
      });
    },

    async sweep({ olderThanMs, twins }) {
      const results = await Promise.all(Array.from({ length: twins ? 2 : 1 }, () => sweep(olderThanMs)));
      met.failedSweeps += results.filter((result) => result === undefined).length;
      return true;
    },
  };

  /** An activity under way of an open run, `{activity, workflowId, runId}`; undefined if none of some is `wanted`. */
  async function findActivity(pick, wanted) {
    for (const workflowId of runs.from(pick).slice(0, LOOKED_AT)) {
      const { raw, runId, status } = await workflow.getHandle(workflowId).describe();
      const activity = raw.pendingActivities?.find(wanted);
      if (status.name === 'RUNNING' && activity) return { activity, workflowId, runId };
    }
    return undefined;
  }

  /** As the worker loses its connection: the news cannot reach it. */
  async function cancelUpload(workflowId) {
    runs.touch(workflowId, 'cancellation');
    try {
      await workflow.getHandle(workflowId).cancel();
      note('the workflow is cancelled while its upload is cut off', workflowId);
      return true;
    } catch (error) {
      // The partition goes on in any case.
      if (!isPassing(error)) throw error;
      return false;
    }
  }

  /** Runs the package's sweep; resolves with its result, undefined if it failed. */
  async function sweep(olderThanMs) {
    const id = `sweep-${(sweeps += 1)}`;
    note(`${id} begins, for what was closed ${olderThanMs} ms ago`);
    try {
      const handle = await persistently(() =>
        workflow.start('sweepAbandonedFiles', {
          workflowId: id,
          workflowIdConflictPolicy: 'USE_EXISTING',
          taskQueue: TASK_QUEUE,
          args: [{ olderThan: olderThanMs }],
        }),
      );
      const result = await persistently(() => handle.result());
      for (const { workflowId, name, outcome } of result.files)
        note(`${id}: ${name} is ${outcome}`, workflowId);
      return result;
    } catch (error) {
      if (!(error instanceof WorkflowFailedError)) throw error;
      note(`${id} failed: ${error.cause?.cause?.message ?? error.cause?.message}`);
      return undefined;
    }
  }

  return {
    sweep,
    /** How many events of each kind met something. */
    met,
    async perform({ kind, fault, ...event }) {
      if (fault) {
        await world.emulator.call('fault', fault);
        return count(kind);
      }
      for (let tries = 1; tries <= MAX_TRIES; tries += 1) {
        try {
          if (await acts[kind](event, tries === MAX_TRIES)) return count(kind);
        } catch (error) {
          if (!isPassing(error)) throw error;
        }
        await sleep(500);
      }
    },
  };
}

/** An upload on this worker with much to send yet, so that the partition falls into it. */
function isUploadOn({ activityType, lastWorkerIdentity, heartbeatDetails }, worker) {
  if (activityType.name !== 'geminiFilesUpload' || !lastWorkerIdentity.startsWith(`${worker}.`)) return false;
  const [beat] = heartbeatDetails?.payloads ?? [];
  const { sizeBytes = 0, bytesSent = 0 } = (beat && defaultPayloadConverter.fromPayload(beat)) ?? {};
  return sizeBytes - bytesSent > MUCH;
}

/** The server is down just now, or the workflow or its activity has ended in the meantime. */
function isPassing(error) {
  const isOfServer = typeof error.code === 'number' && 'details' in error;
  return error instanceof ServiceError || error instanceof WorkflowNotFoundError || isOfServer;
}
