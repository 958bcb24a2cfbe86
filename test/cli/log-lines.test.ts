/** The worker's log lines: time, level and one short line for people, an object for machines; no task token in either. */

import { runInNewContext } from 'node:vm';
import type { LogEntry } from '@temporalio/worker';
import { expect, it } from 'vitest';
import { jsonLine, textLine } from '../../src/cli/worker/runtime.js';
import { count, formatBytes, formatTime } from '../../src/cli/terminal/format.js';

const entry = (meta: Record<string, unknown>): LogEntry => ({
  level: 'WARN',
  message: 'Upload interrupted',
  timestampNanos: 1_795_747_601_413_154_334n,
  meta: {
    taskToken: 'x'.repeat(250),
    namespace: 'default',
    taskQueue: 'gemini-files',
    workflowId: 'gemini-files-clip.mp4-1',
    runId: 'a-run',
    activityType: 'geminiFilesUpload',
    attempt: 3,
    ...meta,
  },
});

it('a line for people has the time, the level, the file and the attempt', () => {
  expect(textLine(entry({ file: 'files/a', reason: 'connect ECONNREFUSED' }))).toBe(
    '2026-11-27T02:46:41Z WARN  Upload interrupted  workflowId=gemini-files-clip.mp4-1  activityType=geminiFilesUpload' +
      '  attempt=3  file=files/a  reason="connect ECONNREFUSED"',
  );
});

it('a line for machines has everything but the task token', () => {
  const line = jsonLine(entry({ file: 'files/a' }));
  expect(line).not.toContain('taskToken');
  expect(JSON.parse(line)).toMatchObject({
    time: '2026-11-27T02:46:41.413Z',
    level: 'WARN',
    message: 'Upload interrupted',
    runId: 'a-run',
    file: 'files/a',
  });
});

it('shows the message of an error, also of one from the workflow sandbox', () => {
  const error: unknown = runInNewContext("new TypeError('x is not a function')");
  expect(error).not.toBeInstanceOf(Error);
  expect(textLine(entry({ error }))).toContain('error="x is not a function"');
  expect(JSON.parse(jsonLine(entry({ error })))).toMatchObject({ error: 'x is not a function' });
});

it('one format of times, sizes and counts', () => {
  expect(formatTime('2026-11-27T02:46:41.113154334Z')).toBe('2026-11-27T02:46:41Z');
  expect(formatTime('soon')).toBe('soon');
  expect([0, 5, 1_000_000_000].map(formatBytes)).toEqual(['0 B', '5 B', '1 GB']);
  expect([0, 1, 2].map((n) => count(n, 'check'))).toEqual(['0 checks', '1 check', '2 checks']);
});
