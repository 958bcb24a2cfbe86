/** A run that no worker takes: the command says which queue it waits on, and Ctrl-C ends it within seconds. */

import { randomBytes, randomUUID } from 'node:crypto';
import { afterEach, expect, it } from 'vitest';
import { freshPollers } from '../../src/cli/pollers.js';
import { useConfiguredCli } from '../support/configured-cli.js';
import { stopwatch } from '../support/stopwatch.js';

const { temporal, emulator, home } = await useConfiguredCli();

afterEach(() => expect(emulator.requests).toEqual([]));

/** The clean-up has ten minutes. */
const SECONDS_MS = 10_000;

const QUEUE = `nobody-${randomUUID()}`;
const video = () => home.file(`${randomUUID()}.mp4`, randomBytes(2000));

it.each([
  [
    '--task-queue names a queue of activities without a worker',
    ['--task-queue', QUEUE],
    `activities from the task queue ${QUEUE} `,
  ],
  [
    '--no-worker leaves it to workers that are not there',
    ['--no-worker'],
    'workflows from the task queue gemini-files ',
  ],
])('%s', async (_, flags, what) => {
  const upload = home.start(['upload', await video(), '--json', ...flags]);
  const [, workflowId = ''] = await upload.stderr(/^Run: (\S+)/m);
  await upload.stderr(new RegExp(`^No worker takes ${what}.*temporal-gemini-files worker --task-queue`, 'm'));
  const elapsed = stopwatch();
  upload.child.kill('SIGINT');
  const end = await upload.ended;
  expect(elapsed()).toBeLessThan(SECONDS_MS);
  expect(end.code, end.stderr).toBe(130);
  expect(end.json()).toMatchObject({ error: { type: 'CancelledFailure', workflowId } });
  expect(end.json<{ error: object }>().error).not.toHaveProperty('cleanup');
  const { status } = await temporal.client.workflow.getHandle(workflowId).describe();
  expect(status.name).toBe('TERMINATED');
});

it('of several files, each names its queue, and all end', async () => {
  const upload = home.start(['upload', await video(), await video(), '--task-queue', QUEUE]);
  for (let at = 0; at < 2; at++)
    await upload.stderr(
      new RegExp(`(mp4: No worker takes activities from the task queue ${QUEUE} (.|\\n)*){${at + 1}}`),
    );
  const elapsed = stopwatch();
  upload.child.kill('SIGINT');
  const end = await upload.ended;
  expect(elapsed()).toBeLessThan(SECONDS_MS);
  expect(end.code, end.stderr).toBe(130);
  expect(end.stderr).toContain('2 files: 2 cancelled');
});

// Last: the other tests have no poller on this queue.
it('of `upload`, a worker that was killed, which the server counts as a poller for minutes, does not count', async () => {
  await leavePoller('gemini-files');
  const upload = home.start(['upload', await video(), '--json', '--no-worker']);
  const [, workflowId = ''] = await upload.stderr(/^Run: (\S+)/m);
  await upload.stderr(
    /^No worker has taken this run yet: the workers of its task queue gemini-files are busy, or /m,
  );
  const elapsed = stopwatch();
  upload.child.kill('SIGINT');
  const end = await upload.ended;
  expect(elapsed()).toBeLessThan(SECONDS_MS);
  expect(end.code, end.stderr).toBe(130);
  const { status } = await temporal.client.workflow.getHandle(workflowId).describe();
  expect(status.name).toBe('TERMINATED');
});

// A hold begins with a signal, and each further caller sends one.
it('of `hold`, a worker that was killed does not count', async () => {
  await leavePoller('gemini-files');
  const holdId = randomUUID();
  const path = await video();
  const holds = [1, 2].map(() => home.start(['hold', path, '--hold-id', holdId, '--for', '1h']));
  for (const hold of holds)
    await hold.stderr(
      /^No worker has taken this run yet: the workers of its task queue gemini-files are busy, or /m,
    );
  for (const hold of holds) {
    hold.child.kill('SIGINT');
    expect((await hold.ended).code).toBe(130);
  }
  await temporal.client.workflow.getHandle(holdId).terminate();
});

/** Polls the queue for a moment, as a worker that is killed has done. */
async function leavePoller(queue: string): Promise<void> {
  const { connection, client } = temporal;
  const taskQueue = { name: queue };
  const killed = new AbortController();
  // As long as the SDK's long poll.
  const poll = connection.withDeadline(Date.now() + 70_000, () =>
    connection.withAbortSignal(killed.signal, () =>
      connection.workflowService.pollWorkflowTaskQueue({
        namespace: 'default',
        taskQueue,
        identity: 'killed',
      }),
    ),
  );
  const pollers = () => freshPollers(client.workflowService, 'default', queue);
  await expect.poll(pollers).toHaveLength(1);
  killed.abort();
  await expect(poll).rejects.toThrow();
  expect(await pollers()).toHaveLength(1);
}
