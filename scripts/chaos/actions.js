/** Carries out the disturbances of a plan, and says which of them met something. */
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { ServiceError, WorkflowNotFoundError } from '@temporalio/client';
import { NamespaceNotFoundError } from '@temporalio/common';
import { findActivity, isUploadOn } from './find-activity.js';
import { isHold } from './hold-plan.js';
import { createSweeper } from './sweeper.js';

const NAMESPACE = 'default';

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
  const sweep = createSweeper({ client, note });
  const met = { failedSweeps: 0 };
  const count = (kind) => void (met[kind] = (met[kind] ?? 0) + 1);

  const acts = {
    async partition({ worker, direction, forMs, reset, pick, cancel }, isLastTry) {
      const relay = world.relays[worker];
      const inUpload = await findActivity(client, runs.from(pick), (activity) =>
        isUploadOn(activity, worker),
      );
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
      const found = await findActivity(client, runs.from(pick));
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
      // A hold that is reset is given its old state, and holds a file that it has deleted since.
      const workflowId = runs.from(pick).find((id) => !isHold(id));
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

  /** As the worker loses its connection: the news cannot reach it. */
  async function cancelUpload(workflowId) {
    runs.touch(workflowId, 'cancellation');
    try {
      await workflow.getHandle(workflowId).cancel();
      note('the workflow is cancelled while its upload is cut off', workflowId);
      return true;
    } catch (error) {
      // The partition continues in any case.
      if (!isPassing(error)) throw error;
      return false;
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

/** The server is down or is just starting, or the workflow or its activity has ended in the meantime. */
function isPassing(error) {
  const isOfServer = typeof error.code === 'number' && 'details' in error;
  return isOfServer || PASSING.some((type) => error instanceof type);
}

/** A server that has just started does not know its namespaces yet. */
const PASSING = [ServiceError, WorkflowNotFoundError, NamespaceNotFoundError];
