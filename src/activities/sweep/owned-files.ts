/**
 * The files that a run owns, from its history.
 *
 * O1. A run owns what it uploads, and a file whose wait the run before it handed on, unless the wait says that somebody else uploaded
 *     the file. Input of the run alone proves nothing, because a client can give any name.
 * O2. A check proves nothing either, and neither does a delete, because `waitActive` makes them for files of others. The runs before
 *     it can: if one of them owned the file, it is the run's own.
 */

import type { Client } from '@temporalio/client';
import type { Payload, SerializationContext } from '@temporalio/common';
import {
  decodeArrayFromPayloads,
  decodeFromPayloadsAtIndex,
} from '@temporalio/common/lib/internal-non-workflow/index.js';
import { optionalTsToMs } from '@temporalio/common/lib/time.js';
import { FILE_LIFETIME_MS } from '../../contract/file.js';
import { ACTIVITY } from '../../contract/names.js';
import type { AbandonedFile } from '../../contract/sweep.js';
import { isFileName } from '../../gemini/index.js';
import { carriedWaits, fingerprintOf } from './carried-waits.js';
import { eventContexts } from './event-context.js';
import { inGroups } from './in-groups.js';
import { readHistory, unreadable, type HistoryEvent, type RunReader, type RunRef } from './run-history.js';

const ACTIVITIES_WITH_FILE_NAME: ReadonlySet<string> = new Set([
  ACTIVITY.upload,
  ACTIVITY.check,
  ACTIVITY.delete,
]);

interface FileFacts {
  /** Undefined if this run's history does not tell. */
  owned: boolean | undefined;
  /** Whether an activity was called for the file: its input says under which credentials. */
  called: boolean;
  credentials?: string;
  keyFingerprint?: string;
}

type Decoder = Pick<RunReader, 'client' | 'onRead'>;

/** Whose payloads the event has. */
interface InContext {
  readonly event: HistoryEvent;
  readonly context: SerializationContext;
}

export type FilesOfRun = ReadonlyMap<string, FileFacts>;

/** @throws UnreadableRunError if the history, or one that the run continues, cannot be read */
export async function ownedFiles(reader: RunReader, run: RunRef): Promise<AbandonedFile[]> {
  const events = await readHistory(reader, run);
  const files = await filesOfRun(reader, events, run.workflowId);
  let earlier = before(events, reader.now);
  while (earlier !== undefined && [...files.values()].some(isOpenQuestion)) {
    const past = await readHistory(reader, { workflowId: run.workflowId, runId: earlier });
    const known = await filesOfRun(reader, past, run.workflowId);
    for (const [name, facts] of files) if (isOpenQuestion(facts)) merge(facts, known.get(name));
    earlier = before(past, reader.now);
  }
  return [...files]
    .filter(([, facts]) => facts.owned && !isOpenQuestion(facts))
    .map(([name, { credentials, keyFingerprint }]) => ({
      name,
      workflowId: run.workflowId,
      runId: run.runId,
      ...(credentials !== undefined && { credentials }),
      ...(keyFingerprint !== undefined && { keyFingerprint }),
    }));
}

/** What a single run's own history says of files. */
export async function filesOfRun(
  reader: Decoder,
  events: readonly HistoryEvent[],
  workflowId: string,
): Promise<FilesOfRun> {
  const { client } = reader;
  const contextOf = eventContexts(client.options.namespace, workflowId);
  const all = events.map((event): InContext => ({ event, context: contextOf(event) }));
  const files = new Map<string, FileFacts>();
  const note = (name: string, facts: FileFacts) => {
    const noted = files.get(name);
    if (noted) merge(noted, facts);
    else files.set(name, facts);
  };
  const calls = all.filter(({ event }) => ACTIVITIES_WITH_FILE_NAME.has(calledIn(event)));
  const inputs = await firstOfEach(reader, calls, (event) =>
    payloadsOf(event.activityTaskScheduledEventAttributes),
  );
  const uploads = new Map<string, string>();
  for (const [event, input] of inputs)
    if (calledIn(event) === ACTIVITY.upload && isFileName(input?.name))
      uploads.set(String(event.eventId), input.name);
  const uploadedIn = ({ activityTaskCompletedEventAttributes: completed }: HistoryEvent) =>
    completed ? uploads.get(String(completed.scheduledEventId)) : undefined;
  const uploadEnds = all.filter(({ event }) => uploadedIn(event) !== undefined);
  const results = await firstOfEach(
    reader,
    uploadEnds,
    (event) => event.activityTaskCompletedEventAttributes?.result?.payloads,
  );
  for (const { event, context } of all) {
    const started = event.workflowExecutionStartedEventAttributes;
    if (started?.continuedExecutionRunId) {
      const args = await readable(() =>
        decodeArrayFromPayloads(converterOf(client), payloadsOf(started), context),
      );
      for (const { name, foreign, ...facts } of carriedWaits(args, started.continuedExecutionRunId))
        note(name, { owned: !foreign, called: false, ...facts });
    }
    const input = inputs.get(event);
    if (isFileName(input?.name))
      note(input.name, {
        owned: calledIn(event) === ACTIVITY.upload || undefined,
        called: true,
        ...(typeof input.credentials === 'string' && { credentials: input.credentials }),
        ...fingerprintOf(input),
      });
    const uploaded = uploadedIn(event);
    if (uploaded !== undefined)
      note(uploaded, { owned: true, called: true, ...fingerprintOf(results.get(event)) });
  }
  return files;
}

/** Whether an earlier run has to be asked: whose the file is, or under which credentials it is. */
function isOpenQuestion({ owned, called }: FileFacts): boolean {
  return owned === undefined || (owned && !called);
}

function merge(facts: FileFacts, more: FileFacts | undefined): void {
  if (!more) return;
  if (!facts.called && more.credentials !== undefined) facts.credentials = more.credentials;
  if (more.keyFingerprint !== undefined) facts.keyFingerprint ??= more.keyFingerprint;
  facts.owned = facts.owned || (more.owned ?? facts.owned);
  facts.called ||= more.called;
}

/** The run that this one continues, if that can still have uploaded a file that exists. */
function before([first]: readonly HistoryEvent[], now: number): string | undefined {
  const startedAt = optionalTsToMs(first?.eventTime) ?? 0;
  if (startedAt < now - FILE_LIFETIME_MS) return undefined;
  return first?.workflowExecutionStartedEventAttributes?.continuedExecutionRunId || undefined;
}

const converterOf = (client: Client) => client.options.loadedDataConverter;

type Payloads = Payload[] | null | undefined;

const payloadsOf = (attributes?: { input?: { payloads?: Payloads } | null } | null): Payloads =>
  attributes?.input?.payloads;

/** The type of the activity that the event schedules, if it does. */
const calledIn = (event: HistoryEvent): string =>
  event.activityTaskScheduledEventAttributes?.activityType?.name ?? '';

type Fields = Readonly<Record<string, unknown>> | null | undefined;

/** The first value of each event's payloads. */
async function firstOfEach(
  { client, onRead }: Decoder,
  events: readonly InContext[],
  payloadsIn: (event: HistoryEvent) => Payloads,
): Promise<ReadonlyMap<HistoryEvent, Fields>> {
  const decode = async ({ event, context }: InContext): Promise<[HistoryEvent, Fields]> => [
    event,
    await readable(() =>
      decodeFromPayloadsAtIndex<Fields>(converterOf(client), 0, payloadsIn(event), context),
    ),
  ];
  return new Map(await inGroups(events, decode, onRead));
}

async function readable<T>(decode: () => Promise<T>): Promise<T> {
  try {
    return await decode();
  } catch (error) {
    throw unreadable('its history cannot be decoded', error);
  }
}
