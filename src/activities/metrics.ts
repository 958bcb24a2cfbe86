/** What the activities count, on Temporal's own meter: it comes out wherever the worker's Runtime sends its metrics. */

import { metricMeter } from '@temporalio/activity';
import type { FileState } from '../contract/file.js';
import type { GeminiConnection, RequestOutcome } from '../gemini/index.js';
import type { ActivityDependencies } from './dependencies.js';

/** The dependencies, with every request of their connections counted that does not succeed. */
export function withRequestMetrics(deps: ActivityDependencies): ActivityDependencies {
  return { ...deps, connect: async (profile) => countOutcomes(await deps.connect(profile)) };
}

function countOutcomes(connection: GeminiConnection): GeminiConnection {
  return {
    ...connection,
    onOutcome: (outcome) => {
      countError(outcome);
      connection.onOutcome?.(outcome);
    },
  };
}

function countError({ operation, kind, status }: RequestOutcome): void {
  // A missing file is a valid answer: to the search for an earlier attempt's file, to a delete, and to a check.
  if (kind === undefined || kind === 'not-found') return;
  const statusClass = status === undefined ? 'none' : `${Math.floor(status / 100)}xx`;
  metricMeter
    .createCounter('gemini_files_provider_errors', undefined, 'Requests to the provider that did not succeed')
    .add(1, { operation, kind, status_class: statusClass });
}

/** @param bytes - handed to the connection, those that are sent again too */
export function countSent(bytes: number): void {
  metricMeter.createCounter('gemini_files_sent_bytes', 'bytes', 'Bytes of files sent').add(bytes);
}

/** @param bytes - that an attempt need not send because an earlier one had */
export function countResumed(bytes: number): void {
  metricMeter
    .createCounter('gemini_files_resumed_bytes', 'bytes', 'Bytes not sent because an earlier attempt had')
    .add(bytes);
}

/** A check that got an answer. */
export function countCheck(state: FileState | 'missing'): void {
  metricMeter
    .createCounter('gemini_files_checks', undefined, 'Checks that got an answer, by what it said')
    .add(1, { state });
}

/** @param updateTime - when the file became ACTIVE by the provider's clock, RFC 3339 (provider fact F-STATE-TIMES) */
export function recordOvershoot(updateTime: string, noticedMs: number): void {
  const ms = noticedMs - Date.parse(updateTime);
  if (Number.isNaN(ms)) return;
  // The unit is in the name and not beside it, so that no exporter's setting changes the name.
  metricMeter
    .createHistogram(
      'gemini_files_overshoot_seconds',
      'float',
      undefined,
      'ACTIVE at the provider to noticed',
    )
    .record(Math.max(0, ms) / 1000);
}

/**
 * Now by the provider's clock. Its Date header has whole seconds (provider fact F-NETWORK-DATE): within a second, this machine's clock decides, so that a
 * clock that is right gives milliseconds and one that is wrong is at most a second off.
 */
export function providerNow(dateMs: number | undefined, ownMs = Date.now()): number {
  return dateMs === undefined ? ownMs : Math.min(Math.max(ownMs, dateMs), dateMs + 999);
}
