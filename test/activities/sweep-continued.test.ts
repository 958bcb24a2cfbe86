/**
 * A wait that has continued as new and is then terminated: its file was uploaded by an earlier run, and without the sweep
 * it would be left. The runs are those of a recorded history, the second one cut off by a termination.
 */

import { readFileSync } from 'node:fs';
import type { Client } from '@temporalio/client';
import { defaultDataConverter } from '@temporalio/common';
import { msToTs } from '@temporalio/common/lib/time.js';
import { describe, expect, it } from 'vitest';
import { searchAbandoned } from '../../src/activities/index.js';
import { parseHistory } from '../../src/testing/replay/history-json.js';

type Events = NonNullable<ReturnType<typeof parseHistory>['events']>;

const CLOSED_AT = Date.now() - 60_000;

/** The events of a recorded run, as if it had just run: the sweep ignores runs whose files have expired. */
const recorded = (run: 1 | 2): Events => {
  const url = new URL(`../histories/0.1.0/continued-as-new-${run}.json`, import.meta.url);
  const { events } = parseHistory(JSON.parse(readFileSync(url, 'utf8')));
  return (events ?? []).map((event) => ({ ...event, eventTime: msToTs(CLOSED_AT - 60_000) }));
};
const [first, second] = [recorded(1), recorded(2)];
const FILE = 'files/3053e78f-5df1-4778-9942-bd7132fd7551';
const WORKFLOW_ID = 'continued-as-new';
const FIRST = first[0]?.workflowExecutionStartedEventAttributes?.originalExecutionRunId ?? '';
const SECOND = second[0]?.workflowExecutionStartedEventAttributes?.originalExecutionRunId ?? '';

/** The first events of the second run, up to `count`, then its termination. */
const terminatedAfter = (count: number): Events => [
  ...second.slice(0, count),
  { workflowExecutionTerminatedEventAttributes: { reason: 'lost' } },
];

/** A namespace that has these runs of one workflow id, of which the last was terminated. */
function namespaceOf(runs: readonly (readonly [runId: string, events: Events])[]): Client {
  const [latest] = runs.at(-1) ?? [''];
  const executions = runs.map(([runId]) => ({
    execution: { workflowId: WORKFLOW_ID, runId },
    status: runId === latest ? 5 : 6,
    closeTime: msToTs(CLOSED_AT),
  }));
  return {
    options: { namespace: 'default', loadedDataConverter: { ...defaultDataConverter, payloadCodecs: [] } },
    workflowService: {
      listWorkflowExecutions: ({ query }: { query: string }) =>
        Promise.resolve({
          executions: executions.filter(({ status }) => (status === 5) === query.includes("'Terminated'")),
        }),
      getWorkflowExecutionHistory: ({ execution }: { execution: { runId: string } }) =>
        Promise.resolve({
          history: { events: runs.find(([runId]) => runId === execution.runId)?.[1] ?? [] },
        }),
      describeWorkflowExecution: () =>
        Promise.resolve({ workflowExecutionInfo: { execution: { workflowId: WORKFLOW_ID, runId: latest } } }),
    },
  } as unknown as Client;
}

const search = (client: Client) => searchAbandoned(client, { olderThanMs: 0 });

describe('the sweep of a wait that has continued as new', () => {
  it.each([
    ['before its first check', 4],
    ['after a check', 12],
  ])('finds the file if the wait is terminated %s', async (_, count) => {
    const client = namespaceOf([
      [FIRST, first],
      [SECOND, terminatedAfter(count)],
    ]);
    expect(await search(client)).toEqual({
      files: [{ name: FILE, workflowId: WORKFLOW_ID, runId: SECOND }],
      unreadable: 0,
      skipped: 0,
      runs: [],
    });
  });

  // Input of a run proves nothing: a client can name any file in it.
  it.each(['', 'of another workflow'])(
    'ignores a wait that the run before (%j) did not hand on',
    async (runId) => {
      const [started, ...rest] = terminatedAfter(4);
      const attributes = {
        ...started?.workflowExecutionStartedEventAttributes,
        continuedExecutionRunId: runId,
      };
      const events = [{ ...started, workflowExecutionStartedEventAttributes: attributes }, ...rest];
      expect(await search(namespaceOf([[SECOND, events]]))).toEqual({
        files: [],
        unreadable: 0,
        skipped: 0,
        runs: [],
      });
    },
  );

  it('leaves the file if the run before did not end by handing it on', async () => {
    const completed = [...first.slice(0, -1), { workflowExecutionCompletedEventAttributes: {} }];
    const client = namespaceOf([
      [FIRST, completed],
      [SECOND, terminatedAfter(4)],
    ]);
    expect(await search(client)).toMatchObject({ files: [] });
  });
});
