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

/** A run with the id `made` that sleeps `times` times, one second each, and ends: 5 events for each sleep and 5 more. */
export function sleepsHistory(workflowType: string, times: number): History {
  const events: object[] = [];
  const add = (type: string, attributes: object) => {
    const eventId = String(events.length + 1);
    const eventType = `EVENT_TYPE_${type.replaceAll(/[A-Z]/g, (c) => `_${c}`).toUpperCase()}`;
    events.push({
      eventId,
      eventTime: new Date(1e12 + events.length * 1000).toISOString(),
      eventType,
      [`${type}EventAttributes`]: attributes,
    });
    return eventId;
  };
  const workflowTask = () => {
    const scheduledEventId = add('workflowTaskScheduled', { taskQueue: { name: 'made' }, attempt: 1 });
    const startedEventId = add('workflowTaskStarted', { scheduledEventId });
    return add('workflowTaskCompleted', { scheduledEventId, startedEventId });
  };
  add('workflowExecutionStarted', {
    workflowId: 'made',
    workflowType: { name: workflowType },
    taskQueue: { name: 'made' },
    originalExecutionRunId: 'made',
    firstExecutionRunId: 'made',
    attempt: 1,
    workflowTaskTimeout: '10s',
    workflowRunTimeout: '0s',
    workflowExecutionTimeout: '0s',
    input: { payloads: [{ metadata: { encoding: base64('json/plain') }, data: base64(String(times)) }] },
  });
  for (let timer = 1; timer <= times; timer += 1) {
    const startedEventId = add('timerStarted', {
      timerId: String(timer),
      startToFireTimeout: '1s',
      workflowTaskCompletedEventId: workflowTask(),
    });
    add('timerFired', { timerId: String(timer), startedEventId });
  }
  add('workflowExecutionCompleted', { workflowTaskCompletedEventId: workflowTask() });
  return parseHistory({ events });
}

const base64 = (text: string) => Buffer.from(text).toString('base64');
