/** Histories that no server made: of any length, and with any fault. */

import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseHistory } from '../../src/testing/replay/history-json.js';

export type History = ReturnType<typeof parseHistory>;
export type HistoryEvent = NonNullable<History['events']>[number];

/** A history of 0.1.0, anew at each call: it can be changed. */
export function recordedHistory(name = 'several-polls'): History & { events: HistoryEvent[] } {
  const path = fileURLToPath(new URL(`../histories/0.1.0/${name}.json`, import.meta.url));
  const { events } = parseHistory(JSON.parse(readFileSync(path, 'utf8')));
  return { events: [...(events ?? [])] };
}

/** A run with the id `made`, event by event, one a second. What is begun returns the id of its event, for the event that ends it. */
export class MadeRun {
  /** Whether Temporal suggests to continue as new in each workflow task from now on. */
  isLong = false;
  /** Those of the workflow SDK in its first task. Without 1, a cancellation reaches what is in a scope that is not cancellable. */
  langUsedFlags: readonly number[] = [];
  private readonly events: object[] = [];
  private readonly timerIds = new Map<string, string>();
  private activities = 0;
  private task = '';

  constructor(workflowType: string, ...args: unknown[]) {
    this.add('workflowExecutionStarted', {
      workflowId: 'made',
      workflowType: { name: workflowType },
      taskQueue: { name: 'made' },
      originalExecutionRunId: 'made',
      firstExecutionRunId: 'made',
      attempt: 1,
      workflowTaskTimeout: '10s',
      workflowRunTimeout: '0s',
      workflowExecutionTimeout: '0s',
      input: payloads(args),
    });
  }

  /** The commands of the task are what is added next. */
  workflowTask(): void {
    const task = this.openWorkflowTask();
    // As of SDK 1.24. Without the first one, a replay does not compare types.
    const flags = this.task === '' && {
      sdkMetadata: { coreUsedFlags: [1, 3, 2], langUsedFlags: this.langUsedFlags },
    };
    this.task = this.add('workflowTaskCompleted', { ...task, ...flags });
  }

  /** A task that a worker has in hand. With it, a replay compares the last commands too. */
  openWorkflowTask(): { scheduledEventId: string; startedEventId: string } {
    const scheduledEventId = this.add('workflowTaskScheduled', { taskQueue: { name: 'made' }, attempt: 1 });
    const started = { scheduledEventId, suggestContinueAsNew: this.isLong };
    return { scheduledEventId, startedEventId: this.add('workflowTaskStarted', started) };
  }

  timer(): string {
    const timerId = String(this.timerIds.size + 1);
    const started = this.command('timerStarted', { timerId, startToFireTimeout: '1s' });
    this.timerIds.set(started, timerId);
    return started;
  }

  fired(startedEventId: string): void {
    this.add('timerFired', { timerId: this.timerIds.get(startedEventId), startedEventId });
  }

  timerCancelled(timerId: string): void {
    const [startedEventId] = [...this.timerIds].find(([, id]) => id === timerId) ?? [];
    this.command('timerCanceled', { timerId, startedEventId });
  }

  activity(type: string): string {
    const activityId = String((this.activities += 1));
    return this.command('activityTaskScheduled', {
      activityId,
      activityType: { name: type },
      taskQueue: { name: 'made' },
    });
  }

  activityCompleted(scheduledEventId: string, result: unknown = null): void {
    this.add('activityTaskCompleted', { ...this.attempt(scheduledEventId), result: payloads([result]) });
  }

  /** @param type - of the `ApplicationFailure` */
  activityFailed(scheduledEventId: string, type: string): void {
    const failure = { message: 'made', applicationFailureInfo: { type, nonRetryable: true } };
    this.add('activityTaskFailed', { ...this.attempt(scheduledEventId), failure });
  }

  signalSent(workflowId: string, signalName: string): string {
    const workflowExecution = { workflowId };
    return this.command('signalExternalWorkflowExecutionInitiated', { workflowExecution, signalName });
  }

  /** @param initiatedEventId - of the signal */
  signalArrived(initiatedEventId: string): void {
    this.add('externalWorkflowExecutionSignaled', { initiatedEventId });
  }

  /** The signal fails, because the workflow does not exist. */
  signalFailed(initiatedEventId: string): void {
    const cause = 'SIGNAL_EXTERNAL_WORKFLOW_EXECUTION_FAILED_CAUSE_EXTERNAL_WORKFLOW_EXECUTION_NOT_FOUND';
    this.add('signalExternalWorkflowExecutionFailed', { initiatedEventId, cause });
  }

  child(workflowId: string, type: string): string {
    return this.command('startChildWorkflowExecutionInitiated', { workflowId, workflowType: { name: type } });
  }

  /** @param initiatedEventId - of the child */
  childStarted(initiatedEventId: string, workflowId: string, type: string): void {
    const workflowExecution = { workflowId, runId: workflowId };
    this.add('childWorkflowExecutionStarted', {
      initiatedEventId,
      workflowExecution,
      workflowType: { name: type },
    });
  }

  /** @param initiatedEventId - of a child that has started */
  childTerminated(initiatedEventId: string, workflowId: string, type: string): void {
    const workflowExecution = { workflowId, runId: workflowId };
    this.add('childWorkflowExecutionTerminated', {
      initiatedEventId,
      workflowExecution,
      workflowType: { name: type },
    });
  }

  /** As `childTerminated`, of a child that fails with an `ApplicationFailure`. */
  childFailed(initiatedEventId: string, workflowId: string, type: string): void {
    const child = { workflowExecution: { workflowId, runId: workflowId }, workflowType: { name: type } };
    const failure = { message: 'made', applicationFailureInfo: { type: 'InvalidOptionsError' } };
    this.add('childWorkflowExecutionFailed', { initiatedEventId, failure, ...child });
  }

  /** What `patched` of the SDK leaves when it is first called. */
  patched(id: string): void {
    const details = { 'patch-data': payloads([{ id, deprecated: false }]) };
    this.command('markerRecorded', { markerName: 'core_patch', details });
    const [TemporalChangeVersion] = payloads([[id]]).payloads;
    this.command('upsertWorkflowSearchAttributes', {
      searchAttributes: { indexedFields: { TemporalChangeVersion } },
    });
  }

  signal(signalName: string, input: unknown): void {
    this.add('workflowExecutionSignaled', { signalName, input: payloads([input]) });
  }

  cancelRequested(): void {
    this.add('workflowExecutionCancelRequested', {});
  }

  end(): void {
    this.command('workflowExecutionCompleted', {});
  }

  failed(): void {
    this.command('workflowExecutionFailed', { failure: { message: 'made' } });
  }

  history(): History {
    return parseHistory({ events: this.events });
  }

  private attempt(scheduledEventId: string): { scheduledEventId: string; startedEventId: string } {
    return {
      scheduledEventId,
      startedEventId: this.add('activityTaskStarted', { scheduledEventId, attempt: 1 }),
    };
  }

  private command(type: string, attributes: object): string {
    return this.add(type, { ...attributes, workflowTaskCompletedEventId: this.task });
  }

  private add(type: string, attributes: object): string {
    const eventId = String(this.events.length + 1);
    const eventType = `EVENT_TYPE_${type.replaceAll(/[A-Z]/g, (c) => `_${c}`).toUpperCase()}`;
    this.events.push({
      eventId,
      eventTime: new Date(1e12 + this.events.length * 1000).toISOString(),
      eventType,
      [`${type}EventAttributes`]: attributes,
    });
    return eventId;
  }
}

/** A run that sleeps `times` times, one second each, and ends: 5 events for each sleep and 5 more. */
export function sleepsHistory(workflowType: string, times: number): History {
  const run = new MadeRun(workflowType, times);
  for (let n = 0; n < times; n += 1) {
    run.workflowTask();
    run.fired(run.timer());
  }
  run.workflowTask();
  run.end();
  return run.history();
}

const payloads = (values: readonly unknown[]) => ({
  payloads: values.map((value) => ({
    metadata: { encoding: base64('json/plain') },
    data: base64(JSON.stringify(value)),
  })),
});

const base64 = (text: string) => Buffer.from(text).toString('base64');
