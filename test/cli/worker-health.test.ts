/** `/healthz` of a worker: its answers from the start of the process to its end, and when Temporal is gone. The container's own check too. */

import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, inject, it, vi } from 'vitest';
import { freePort } from '../../src/util/free-port.js';
import { WorkerHealth, type Watched, type WatchedSet } from '../../src/cli/worker/health.js';
import { cliHome, type CliHome } from '../support/cli.js';
import { devServer } from '../support/temporal.js';

let home: CliHome;
beforeAll(async () => {
  home = await cliHome({ GEMINI_API_KEY: 'test-key' });
});
afterAll(() => home[Symbol.asyncDispose]());

const ask = async (url: string) => {
  const response = await fetch(url);
  return [response.status, await response.text()] as const;
};

/** The check of the worker's container, as Compose hands on variables that are empty, on a machine whose clock is ahead. */
const checkContainer = (address: string, queue: string) =>
  home.run([queue], {
    script: fileURLToPath(new URL('../../temporal/worker-health.js', import.meta.url)),
    env: {
      TEMPORAL_ADDRESS: address,
      TEMPORAL_NAMESPACE: '',
      TEMPORAL_PROFILE: '',
      TEMPORAL_API_KEY: '',
      NODE_OPTIONS: `--import ${new URL('../../scripts/chaos/shifted-clock.js', import.meta.url).href}`,
      CLOCK_SHIFT_MS: String(600_000),
    },
  });

it('is 503 while the worker starts', async () => {
  // Takes connections and says nothing, so that the start lasts.
  const silent = createServer().listen(0, '127.0.0.1');
  await once(silent, 'listening');
  const port = await freePort();
  const worker = home.start(['worker', '--metrics', `127.0.0.1:${port}`], {
    env: { TEMPORAL_ADDRESS: `127.0.0.1:${(silent.address() as AddressInfo).port}` },
  });
  await once(silent, 'connection');
  expect(await ask(`http://127.0.0.1:${port}/healthz`)).toEqual([503, 'starting\n']);
  expect(await ask(`http://127.0.0.1:${port}/metrics`)).toEqual([503, 'no metrics yet\n']);
  worker.child.kill('SIGTERM');
  await worker.ended;
  silent.close();
});

it('is 200 with a host queue too, 503 once the server is gone, and 200 when it is back', async () => {
  const env = await devServer();
  const worker = home.start(
    ['worker', '--task-queue', 'healthy', '--host-queue', 'here', '--metrics', '127.0.0.1:0', '--json'],
    { env: { TEMPORAL_ADDRESS: env.address } },
  );
  const [, url = ''] = await worker.stdout(/"metrics":"([^"]+)"/);
  const health = new URL('/healthz', url).href;
  // The first poll may still be on its way.
  await expect.poll(() => ask(health)).toEqual([200, 'ok\n']);
  expect(await checkContainer(env.address, 'healthy')).toMatchObject({ code: 0 });
  expect(await checkContainer(env.address, 'other')).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('none of the 0 pollers is on ') as string,
  });
  await env.teardown();
  expect(await checkContainer(env.address, 'healthy')).toMatchObject({ code: 1 });
  await expect
    .poll(() => ask(health))
    .toEqual([503, expect.stringMatching(/^Temporal does not answer: [^\n]+\n$/)]);
  const back = await devServer(undefined, {}, Number(new URL(`tcp://${env.address}`).port));
  await expect.poll(() => ask(health)).toEqual([200, 'ok\n']);
  worker.child.kill('SIGKILL');
  await worker.ended;
  await back.teardown();
});

it.each(['SIGTERM', 'SIGHUP'] as const)('%s ends the worker in order', async (signal) => {
  const worker = home.start(['worker', '--task-queue', `ends-by-${signal}`, '--json'], {
    env: { TEMPORAL_ADDRESS: inject('devServer') },
  });
  await worker.stdout(/^.*\n/);
  worker.child.kill(signal);
  const end = await worker.ended;
  expect(end).toMatchObject({ code: 0, signal: null });
  expect(end.stderr).toContain('Shutting down …');
});

describe('WorkerHealth', () => {
  const now = { seconds: Math.floor(Date.now() / 1000) };
  const long = { seconds: now.seconds - 121 };
  const worker = (state: string, more: object = {}, inFlight = 0) =>
    ({
      getState: () => state,
      getStatus: () => ({ numInFlightActivities: inFlight }),
      options: { taskQueue: 'q', identity: '7@me', workflowBundle: {}, ...more },
    }) as unknown as Watched;
  const watching = (workers: Watched[], pollers: object[]) => {
    const health = new WorkerHealth();
    const asked: object[] = [];
    const workflowService = {
      describeTaskQueue: (request: object) => {
        asked.push(request);
        return Promise.resolve({ pollers });
      },
    };
    const withDeadline = (_: unknown, fn: () => unknown) => fn();
    const connection = { workflowService, withDeadline } as unknown as WatchedSet['connection'];
    health.watch({ workers, connection, namespace: 'n' });
    return { health, asked };
  };
  const activitiesOnly = { workflowBundle: undefined };

  it.each([
    [
      'a worker that has just polled',
      [worker('RUNNING')],
      [{ identity: '7@me', lastAccessTime: now }],
      undefined,
    ],
    [
      'another worker’s polls alone',
      [worker('RUNNING')],
      [{ identity: '8@me', lastAccessTime: now }],
      'Temporal has seen no poll of 7@me on q',
    ],
    [
      'a poll of more than two minutes before that of another worker',
      [worker('RUNNING')],
      [
        { identity: '7@me', lastAccessTime: long },
        { identity: '8@me', lastAccessTime: now },
      ],
      'Temporal has seen no poll of 7@me on q',
    ],
    ['no poll', [worker('RUNNING')], [], 'Temporal has seen no poll of 7@me on q'],
    ['a worker that drains', [worker('RUNNING'), worker('DRAINING')], [], 'the worker of q is DRAINING'],
    ['a worker that failed', [worker('FAILED')], [], 'the worker of q is FAILED'],
    [
      'a busy worker of activities, which need not poll',
      [worker('RUNNING', activitiesOnly, 1)],
      [],
      undefined,
    ],
    [
      'an idle worker of activities that does not poll',
      [worker('RUNNING', activitiesOnly)],
      [],
      'Temporal has seen no poll of 7@me on q',
    ],
  ])('%s', async (_, workers, pollers, trouble) => {
    expect(await watching(workers, pollers).health.unhealthyReason()).toBe(trouble);
  });

  it('asks Temporal once, however often it is asked itself, and not at all once it stops', async () => {
    const { health, asked } = watching([worker('RUNNING')], [{ identity: '7@me', lastAccessTime: now }]);
    expect(
      await Promise.all([health.unhealthyReason(), health.unhealthyReason(), health.unhealthyReason()]),
    ).toEqual([undefined, undefined, undefined]);
    expect(asked).toEqual([{ namespace: 'n', taskQueue: { name: 'q' }, taskQueueType: 1 }]);
    health.stop();
    expect(await health.unhealthyReason()).toBe('shutting down');
    expect(asked).toHaveLength(1);
  });

  describe('by the monotonic clock', () => {
    let monotonicMs = 0;
    const useClock = () => vi.spyOn(performance, 'now').mockImplementation(() => monotonicMs);
    afterEach(() => vi.restoreAllMocks());

    it.each([-10, 10])(
      'with a clock %d minutes off, a worker is healthy as long as its polls go on',
      async (minutes) => {
        useClock();
        const poller = { identity: '7@me', lastAccessTime: { seconds: now.seconds - minutes * 60 } };
        const { health } = watching([worker('RUNNING')], [poller]);
        for (let polls = 0; polls < 5; polls++) {
          expect(await health.unhealthyReason()).toBeUndefined();
          poller.lastAccessTime.seconds += 60;
          monotonicMs += 60_000;
        }
        expect(await health.unhealthyReason()).toBeUndefined();
        monotonicMs += 120_001;
        expect(await health.unhealthyReason()).toBe('Temporal has seen no poll of 7@me on q');
      },
    );

    it('asks Temporal again although the wall clock was set back', async () => {
      useClock();
      const { health, asked } = watching([worker('RUNNING')], [{ identity: '7@me', lastAccessTime: now }]);
      await health.unhealthyReason();
      const before = Date.now();
      vi.spyOn(Date, 'now').mockImplementation(() => before - 5 * 3_600_000);
      monotonicMs += 1001;
      await health.unhealthyReason();
      expect(asked).toHaveLength(2);
    });
  });
});
