/** `worker --metrics`: Prometheus on /metrics, the health on /healthz, and the log in lines of JSON. */

import { once } from 'node:events';
import { createServer, type AddressInfo, connect } from 'node:net';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startMetricsServer } from '../../src/cli/worker/metrics-server.js';
import { GeminiFilesClient } from '../../src/client/index.js';
import { cliHome, type CliEnd, type CliHome } from '../support/cli.js';
import { observedWorker, OBSERVED_KEY, type ObservedWorker } from '../support/observed-worker.js';
import { devServer } from '../support/temporal.js';

let env: TestWorkflowEnvironment;
let worker: ObservedWorker;
let home: CliHome;
beforeAll(async () => {
  env = await devServer();
  [worker, home] = await Promise.all([
    observedWorker(env, 'observed', ['--log-format', 'json', '--verbose', '--shutdown-grace-time', '2s']),
    cliHome({ GEMINI_API_KEY: 'test-key' }),
  ]);
});
afterAll(async () => {
  await Promise.all([worker[Symbol.asyncDispose](), home[Symbol.asyncDispose]()]);
  await env.teardown();
});

const ask = (path: string, init?: RequestInit) => fetch(new URL(path, worker.url), init);

describe('/metrics', () => {
  it('has the package’s metrics beside the SDK’s own, in the names and units of Prometheus', async () => {
    const { sum, types } = await worker.scrape();
    expect(sum('gemini_files_uploads_total', { outcome: 'ACTIVE' })).toBe(1);
    expect(sum('gemini_files_uploads_total', { outcome: 'UploadFailedError' })).toBe(1);
    expect(sum('gemini_files_cleanups_total', { outcome: 'deleted' })).toBe(1);
    expect(sum('gemini_files_provider_errors_total', { operation: 'upload', status_class: '5xx' })).toBe(1);
    expect(sum('gemini_files_checks_total', { state: 'ACTIVE' })).toBe(1);
    expect(sum('gemini_files_time_to_active_seconds_count')).toBe(1);
    expect(sum('gemini_files_overshoot_seconds_count')).toBe(1);
    expect(types.get('temporal_workflow_completed_total')).toBe('counter');
    expect(types.get('temporal_activity_schedule_to_start_latency_seconds')).toBe('histogram');
  });

  it('counts the pollers of workflow tasks: most for new runs, and few for a server that is near', async () => {
    const pollers = async () => {
      const { sum } = await worker.scrape();
      const of = (type: string) => sum('temporal_num_pollers', { poller_type: type });
      return [of('workflow_task'), of('sticky_workflow_task')];
    };
    await expect.poll(pollers).toEqual([9, 1]);
  });

  it('describes each of the package’s metrics', async () => {
    const { text, types } = await worker.scrape();
    const own = [...types.keys()].filter((name) => name.startsWith('gemini_files_'));
    const described = [...text.matchAll(/^# HELP (gemini_files_\S+) \S+ /gm)].map(([, name]) => name);
    expect(own).toContain('gemini_files_time_to_active_seconds');
    expect(described).toEqual(own);
  });

  it('has buckets that reach as far as a wait does', async () => {
    const { samples } = await worker.scrape();
    const bounds = samples
      .filter(({ name }) => name === 'gemini_files_time_to_active_seconds_bucket')
      .map(({ labels }) => Number(labels.le));
    expect(bounds).toEqual(expect.arrayContaining([1, 60, 3600]));
  });

  it('has a content type, without which Prometheus 3 accepts nothing', async () => {
    const response = await ask('/metrics');
    expect(response.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
    await response.text();
  });

  it('shows no key, session, path or file name', async () => {
    const { text } = await worker.scrape();
    const sessions = worker.emulator.requests.flatMap(({ uploadId }) => uploadId ?? []);
    expect(sessions.length).toBeGreaterThan(0);
    for (const secret of [OBSERVED_KEY, 'good.mp4', 'files/', ...sessions])
      expect(text).not.toContain(secret);
  });
});

describe('the address', () => {
  it('is in the ready line with the chosen port', () => {
    expect(worker.ready).toMatchObject({ taskQueue: 'observed', metrics: worker.url });
    expect(worker.url).toMatch(/^http:\/\/127\.0\.0\.1:[1-9]\d*\/metrics$/);
  });

  it.each([
    '9464',
    '127.0.0.1',
    '127.0.0.1:65536',
    'http://127.0.0.1:9464',
    '127.0.0.1:9464/metrics',
    ':9464',
    '',
  ])('%j is a mistake in usage', async (address) => {
    const end = await home.run(['worker', '--metrics', address, '--json']);
    expect(end.code).toBe(2);
    expect(end.json()).toMatchObject({
      error: {
        type: 'UsageError',
        message: `--metrics takes host:port, such as 127.0.0.1:9464, not ${JSON.stringify(address)}`,
      },
    });
  });

  it('that is taken is a mistake in usage too', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    const end = await home.run(['worker', '--metrics', `127.0.0.1:${port}`]);
    other.close();
    // As `emulator --port`: the machine's state is no bad usage.
    expect(end.code).toBe(1);
    expect(end.stderr).toMatch(/Cannot listen on --metrics 127\.0\.0\.1:\d+: .*EADDRINUSE/);
  });
});

describe('what may be asked', () => {
  it.each([
    ['/', 'GET', 404],
    ['/metrics/', 'GET', 404],
    ['/metrics', 'HEAD', 200],
    ['/healthz?verbose', 'GET', 200],
    ['/metrics', 'POST', 405],
    ['/healthz', 'DELETE', 405],
  ])('%s by %s is %i', async (path, method, status) => {
    const response = await ask(path, { method });
    expect(response.status).toBe(status);
    if (method === 'HEAD') expect(await response.text()).toBe('');
    if (status === 405) expect(response.headers.get('allow')).toBe('GET, HEAD');
  });

  it('has no body, and is answered in time', async () => {
    const { hostname, port } = new URL(worker.url);
    const socket = connect(Number(port), hostname);
    socket.write('GET /metrics HTTP/1.1\r\nhost: x\r\ncontent-length: 1000000\r\n\r\n');
    const [answer] = (await once(socket.setEncoding('utf8'), 'data')) as [string];
    expect(answer).toMatch(/^HTTP\/1\.1 400 /);
    // The connection is not kept for the body that would come.
    await once(socket, 'close');
  });

  it.each([
    ['half a request', 'GET /metrics HTTP/1.1\r\nhost: x\r\n'],
    ['nothing at all', ''],
  ])('a connection that sends %s is closed after some seconds', async (_, sent) => {
    // Its own server, whose checks begin with it.
    await using server = await startMetricsServer({ host: '127.0.0.1', port: 0 }, () =>
      Promise.resolve(undefined),
    );
    const { hostname, port } = new URL(server.url);
    const socket = connect(Number(port), hostname);
    socket.write(sent);
    const begin = performance.now();
    await once(socket.resume(), 'close');
    expect(performance.now() - begin).toBeLessThan(15_000);
  });
});

/** Ends the worker. That takes a while: an upload stalls, and may continue for the grace time. */
let end: Promise<CliEnd & { health: unknown }> | undefined;
const shutDown = () => (end ??= shutDownOnce());

async function shutDownOnce() {
  worker.emulator.addFaults({ on: 'upload', do: 'stall' });
  const client = new GeminiFilesClient(env.client, { taskQueue: 'observed' });
  await client.start('good.mp4');
  await worker.emulator.waitFor((requests) => requests.some(({ outcome }) => outcome === 'stalled'));
  worker.process.child.kill('SIGTERM');
  await worker.process.stderr(/Shutting down …/);
  const response = await ask('/healthz');
  const health = [response.status, await response.text()];
  return { health, ...(await worker.process.ended) };
}

describe('/healthz', () => {
  it('is 200 once Temporal has seen the worker poll', async () => {
    const response = await ask('/healthz');
    expect([response.status, await response.text()]).toEqual([200, 'ok\n']);
  });

  it('is 503 from SIGTERM to the end', async () => {
    expect((await shutDown()).health).toEqual([503, 'shutting down\n']);
    await expect(ask('/healthz')).rejects.toThrow('fetch failed');
  });
});

describe('the log', () => {
  interface Line {
    readonly level: string;
    readonly message: string;
    readonly workflowId?: string;
    readonly file?: string;
  }
  it('has lines of JSON with workflow id and file name, and without key and session', async () => {
    const { code, stderr } = await shutDown();
    expect(code).toBe(0);
    const lines = stderr
      .split('\n')
      .filter((line) => line.startsWith('{'))
      .map((line) => JSON.parse(line) as Line);
    const of = (workflowId: string) =>
      lines
        .filter((line) => line.workflowId === workflowId && line.file !== undefined)
        .map(({ level, message }) => `${level} ${message}`);
    expect(of(worker.runs.active)).toEqual([
      'INFO Upload started',
      'WARN Request failed; Temporal retries it',
      'INFO Upload started',
      'INFO Upload resumed',
      'INFO Upload finished',
      'INFO Waiting until the file is ACTIVE',
      'INFO The file is ACTIVE',
    ]);
    expect(of(worker.runs.failed)).toEqual([
      'INFO Upload started',
      'INFO Upload finished',
      'INFO Waiting until the file is ACTIVE',
      'INFO File deleted',
      'WARN The run ends without an ACTIVE file',
    ]);
    for (const { file } of lines.filter((line) => line.file !== undefined))
      expect(file).toMatch(/^files\/[0-9a-f-]{36}$/);
    const sessions = worker.emulator.requests.flatMap(({ uploadId }) => uploadId ?? []);
    for (const secret of [OBSERVED_KEY, ...sessions]) expect(stderr).not.toContain(secret);
  });
});
