/** Replays recorded histories against workflow code: whether open runs would survive a deployment of it. */

import type { ReplayWorkerOptions } from '@temporalio/worker';
import { histories, type HistorySource } from './sources.js';

/** The workflow code, and whatever else Temporal's replay worker takes (interceptors, data converter, …). */
export type ReplayOptions = Omit<ReplayWorkerOptions, 'workflowsPath' | 'workflowBundle'> &
  (
    | { readonly workflowsPath: string; readonly workflowBundle?: never }
    | {
        readonly workflowBundle: NonNullable<ReplayWorkerOptions['workflowBundle']>;
        readonly workflowsPath?: never;
      }
  );

export interface ReplayFailure {
  /** The history's path, or its workflow and run id. */
  readonly name: string;
  /** Whether the code takes another way than the history; otherwise it failed to run at all. */
  readonly nondeterministic: boolean;
  /** The first event that differs; absent where the replay worker names none. */
  readonly eventId?: number;
  /** Its type, such as `TimerStarted`. */
  readonly eventType?: string;
  readonly message: string;
}

export interface ReplayReport {
  /** Names of the histories that replayed. */
  readonly replayed: readonly string[];
}

/** One or more histories did not replay. */
export class ReplayError extends Error {
  override readonly name = 'ReplayError';

  constructor(
    readonly failures: readonly ReplayFailure[],
    readonly replayed: readonly string[],
  ) {
    const total = failures.length + replayed.length;
    super(`${failures.length} of ${total} histories do not replay:\n${failures.map(describe).join('\n')}`);
  }
}

function describe({ name, eventId, eventType, message }: ReplayFailure): string {
  const at = eventId === undefined ? '' : ` at event ${eventId}${eventType ? ` (${eventType})` : ''}`;
  return `- ${name}${at}: ${message}`;
}

/**
 * Replays each history; one that differs does not stop the rest.
 *
 * @throws ReplayError that names each history which does not replay, with the first event that differs
 * @throws Error where there is no history at all: a check of nothing is none
 */
export async function replayHistories(source: HistorySource, options: ReplayOptions): Promise<ReplayReport> {
  // Loaded when it is needed: the emulator beside it wants no native module.
  const { Worker } = await import('@temporalio/worker');
  const replayed: string[] = [];
  const failures: ReplayFailure[] = [];
  const feed = async function* () {
    for await (const { name, history } of histories(source)) yield { workflowId: name, history };
  };
  for await (const { workflowId: name, error } of Worker.runReplayHistories(options, feed())) {
    if (error === undefined) replayed.push(name);
    else failures.push(failureOf(name, error));
  }
  if (failures.length > 0) throw new ReplayError(failures, replayed);
  if (replayed.length === 0) throw new Error('There is no history to replay');
  return { replayed };
}

function failureOf(name: string, error: Error): ReplayFailure {
  const event = /HistoryEvent\(id: (\d+), (\w+)\)/.exec(error.message);
  return {
    name,
    nondeterministic: error.name === 'DeterminismViolationError',
    ...(event?.[1] && { eventId: Number(event[1]) }),
    ...(event?.[2] && { eventType: event[2] }),
    message: error.message,
  };
}
