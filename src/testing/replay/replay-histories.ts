/** Replays recorded histories against workflow code: whether open runs would survive a deployment of it. */

import type { ReplayWorkerOptions } from '@temporalio/worker';
import { parseDuration, type Duration } from '../../contract/duration.js';
import { assertObject } from '../../contract/fields.js';
import { invalidValue } from '../../contract/invalid-option.js';
import { inspectHistory } from './inspect-history.js';
import { Replayer } from './replayer.js';
import { histories, type HistorySource } from './sources.js';

/** How long one history may take: meant to be far more than the longest that Temporal allows, of 51,200 events, needs. */
const HISTORY_TIMEOUT = '5m';
/** Longer than any replay takes; Node's timers take 24 days. */
const MAX_HISTORY_TIMEOUT_MS = 24 * 3600 * 1000;

/** The workflow code, and whatever else Temporal's replay worker takes (interceptors, data converter, …). */
export type ReplayOptions = Omit<ReplayWorkerOptions, 'workflowsPath' | 'workflowBundle'> & {
  /** A replay that takes longer is a failure; so is a request to the namespace. At most 24 hours. @default '5m' */
  readonly historyTimeout?: Duration;
} & (
    | {
        /** The file with the workflows, which is bundled first. */
        readonly workflowsPath: string;
        readonly workflowBundle?: never;
      }
    | {
        /** The workflows as a bundle, in place of the file. */
        readonly workflowBundle: NonNullable<ReplayWorkerOptions['workflowBundle']>;
        readonly workflowsPath?: never;
      }
  );

/** A history that does not replay. */
export interface ReplayFailure {
  /** The history's path, or its workflow and run id; the query if the namespace could not be searched. */
  readonly name: string;
  /** Whether the code takes another way than the history; otherwise it failed to run at all. */
  readonly nondeterministic: boolean;
  /** The first event that differs; absent if the replay worker names none. */
  readonly eventId?: number;
  /** Its type, such as `TimerStarted`. */
  readonly eventType?: string;
  /** Why, for people. */
  readonly message: string;
}

/** A history that says nothing about the code yet. */
export interface SkippedHistory {
  /** The history's path, or its workflow and run id. */
  readonly name: string;
  /** Why, for people. */
  readonly reason: string;
}

/** What `replayHistories` has replayed. */
export interface ReplayReport {
  /** Names of the histories that replayed. */
  readonly replayed: readonly string[];
  /** Histories without a completed workflow task: runs with a start delay, or that no worker has taken yet. */
  readonly skipped: readonly SkippedHistory[];
  /** Queries with more runs than their `limit`; absent if there are none. */
  readonly truncated?: readonly string[];
}

/** One or more histories did not replay. */
export class ReplayError extends Error {
  /** Name of the class. */
  override readonly name = 'ReplayError';

  constructor(
    /** The histories that do not replay. */
    readonly failures: readonly ReplayFailure[],
    /** Names of the histories that replayed. */
    readonly replayed: readonly string[],
    /** Histories that say nothing about the code yet. */
    readonly skipped: readonly SkippedHistory[],
    /** Queries with more runs than their `limit`; undefined if there are none. */
    readonly truncated?: readonly string[],
  ) {
    const total = failures.length + replayed.length;
    const what =
      total === 1 ? 'The history does not replay' : `${failures.length} of ${total} histories do not replay`;
    super(`${what}:\n${failures.map(describe).join('\n')}`);
  }
}

function describe({ name, eventId, eventType, message }: ReplayFailure): string {
  const at = eventId === undefined ? '' : ` at event ${eventId}${eventType ? ` (${eventType})` : ''}`;
  return `- ${name}${at}: ${message}`;
}

/**
 * Replays each history. One that differs, cannot be read or does not end does not stop the rest.
 *
 * @param source - a folder, histories, or a query of a namespace
 * @param options - the workflow code, and bounds
 * @throws ReplayError that names each history which does not replay, with the first event that differs
 * @throws InvalidOptionsError for a source, a `limit` or a `historyTimeout` that cannot be used
 * @throws Error if no history was replayed: a check of nothing is not a check. A query of a namespace may find nothing, because
 *   nothing is open: then the report is empty
 *
 * @example
 * ```ts
 * import { fileURLToPath } from 'node:url';
 * import { replayHistories } from 'temporal-gemini-files/testing';
 *
 * const workflowsPath = fileURLToPath(new URL('./workflows.js', import.meta.url));
 * await replayHistories('histories', { workflowsPath });
 * ```
 */
export async function replayHistories(source: HistorySource, options: ReplayOptions): Promise<ReplayReport> {
  assertObject(options);
  const { historyTimeout, ...workerOptions } = options;
  const boundMs = resolveTimeout(historyTimeout);
  const replayer = new Replayer(workerOptions, boundMs);
  const replayed: string[] = [];
  const skipped: SkippedHistory[] = [];
  const truncated: string[] = [];
  const failures: ReplayFailure[] = [];
  const fail = (name: string, message: string) => failures.push({ name, nondeterministic: false, message });
  try {
    for await (const found of histories(source, boundMs)) {
      const { name } = found;
      if ('unreadable' in found) {
        fail(name, `no workflow history could be read: ${found.unreadable}`);
        continue;
      }
      if ('hasMore' in found) {
        truncated.push(name);
        continue;
      }
      const objection = inspectHistory(found.history);
      if (objection?.outcome === 'failed') fail(name, objection.reason);
      else if (objection) skipped.push({ name, reason: objection.reason });
      else {
        const error = await replayer.replay(name, found.history);
        if (error) failures.push(failureOf(name, error));
        else replayed.push(name);
      }
    }
  } finally {
    await replayer.close();
  }
  const cut = truncated.length > 0 ? truncated : undefined;
  if (failures.length > 0) throw new ReplayError(failures, replayed, skipped, cut);
  if (replayed.length === 0 && !isOnlyQueries(source))
    throw new Error(`There is no history to replay${skipped.map(because).join('')}`);
  return { replayed, skipped, ...(cut && { truncated: cut }) };
}

/** Whether all histories come from namespaces, where it is normal that there are none. */
function isOnlyQueries(source: HistorySource): boolean {
  if (typeof source === 'string') return false;
  return Array.isArray(source) ? source.length > 0 && source.every(isOnlyQueries) : 'client' in source;
}

const because = ({ name, reason }: SkippedHistory) => `\n- ${name} was skipped: ${reason}`;

function resolveTimeout(given: unknown = HISTORY_TIMEOUT): number {
  const ms = parseDuration(given);
  if (ms !== undefined && ms > 0 && ms <= MAX_HISTORY_TIMEOUT_MS) return ms;
  throw invalidValue('historyTimeout', 'expected a duration above 0, of 24 hours at most', given);
}

/** Without what the SDK's core prints around the reason for its developers: the activation job before it, or a failure as Rust shows it. */
function readable(message: string): string {
  const [, reason] = /.*Nondeterminism error:?\s*(.+?)(?:", source: .*|\W*)$/is.exec(message) ?? [];
  if (reason !== undefined) return `The code takes another way than the history: ${reason}`;
  const [, failure] = /\bFailure \{ message: "((?:[^"\\]|\\.)+)"/.exec(message) ?? [];
  return failure === undefined
    ? message
    : failure.replaceAll(/\\(.)/g, (_, kind: string) => (kind === 'n' || kind === 't' ? ' ' : kind));
}

function failureOf(name: string, error: Error): ReplayFailure {
  const event = /HistoryEvent\(id: (\d+), (\w+)\)/.exec(error.message);
  return {
    name,
    nondeterministic: error.name === 'DeterminismViolationError',
    ...(event?.[1] && { eventId: Number(event[1]) }),
    ...(event?.[2] && { eventType: event[2] }),
    message: readable(error.message),
  };
}
