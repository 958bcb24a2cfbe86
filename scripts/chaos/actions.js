/** Carries out the disturbances of a plan, and says which of them met something. */
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { ServiceError, WorkflowFailedError, WorkflowNotFoundError } from '@temporalio/client';
import { persistently } from './run-one.js';

const NAMESPACE = 'default';
const TASK_QUEUE = 'gemini-files';

/** How many workflows are asked for an activity under way before a reset of one is given up. */
const LOOKED_AT = 6;

/** How often an event looks for something that it can be done to. */
const ATTEMPTS = 10;

/**
 * @param client - Temporal's `Client`
 * @param runs - an `OpenRuns`
 * @param note - called with a line for the journal, and the workflow's id if it is about one
 * @returns a function that does one event of the plan; it resolves with whether the event met something
 */
export function createActions({ client, world, runs, note }) {
  const { workflow, workflowService } = client;
  let sweeps = 0;
  let failedSweeps = 0;

  const acts = {
    async partition({ worker, direction, forMs, reset }) {
      const relay = world.relays[worker];
      note(`${worker} is cut off from Temporal (${direction}) for ${forMs} ms`);
      relay.cut(direction);
      await sleep(forMs);
      relay.heal({ reset });
      note(`${worker} is connected again${reset ? ', by new connections' : ''}`);
      return true;
    },

    async activityReset({ pick, resetHeartbeat }) {
      for (const workflowId of runs.from(pick).slice(0, LOOKED_AT)) {
        const { raw, runId, status } = await workflow.getHandle(workflowId).describe();
        const [activity] = raw.pendingActivities ?? [];
        if (status.name !== 'RUNNING' || !activity) continue;
        await workflowService.resetActivity({
          namespace: NAMESPACE,
          execution: { workflowId, runId },
          id: activity.activityId,
          resetHeartbeat,
        });
        const which = `${activity.activityType.name}, attempt ${activity.attempt}`;
        note(`${which} is reset${resetHeartbeat ? ' with its heartbeat' : ''}`, workflowId);
        return true;
      }
      return false;
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
      failedSweeps += results.filter((result) => result === undefined).length;
      return true;
    },
  };

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
    failedSweeps: () => failedSweeps,
    async perform({ kind, fault, ...event }) {
      if (fault) {
        await world.emulator.call('fault', fault);
        return true;
      }
      for (let times = 0; times < ATTEMPTS; times += 1) {
        try {
          if (await acts[kind](event)) return true;
        } catch (error) {
          if (!isPassing(error)) throw error;
        }
        await sleep(500);
      }
      return false;
    },
  };
}

/** The server is down just now, or the workflow or its activity has ended in the meantime. */
function isPassing(error) {
  const isOfServer = typeof error.code === 'number' && 'details' in error;
  return error instanceof ServiceError || error instanceof WorkflowNotFoundError || isOfServer;
}
