/** `upload` on a configured Temporal server, with a key and a base URL. Each command is a process, which is killed and interrupted as users do. */

import { randomBytes, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { symlink } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { GeminiFilesEmulator } from '../../src/testing/index.js';
import { KEY, useConfiguredCli } from '../support/configured-cli.js';

const { temporal, emulator, home } = await useConfiguredCli();
/** Each test has its own file, since the same file has the same run. */
let video: string;

beforeEach(async () => {
  video = await home.file(`${randomUUID()}.mp4`, randomBytes(2000));
});

const filesOf = (path: string) =>
  [...emulator.files.values()].filter(({ displayName }) => path.endsWith(displayName ?? '?'));
const startsOf = (path: string) =>
  emulator.requests.filter(
    ({ operation, json }) => operation === 'start' && JSON.stringify(json).includes(path.slice(-40)),
  );
const checks = (text: string) => text.match(/^check \d+: \w+/gm);

describe('a whole run', () => {
  it('prints the result as JSON on stdout and nothing else there; progress on stderr', async () => {
    const upload = home.start(['upload', video, '--json', '--poll-interval', '200ms', '--jitter', '0']);
    await upload.stderr(/^check [2-9]\d*: PROCESSING/m);
    const [file] = filesOf(video);
    emulator.activate(file?.name ?? '');
    const end = await upload.ended;
    expect(end.code).toBe(0);
    const result = end.json();
    expect(result).toMatchObject({
      provider: 'google',
      id: file?.name,
      uri: file?.uri,
      state: 'ACTIVE',
      mimeType: 'video/mp4',
      sizeBytes: 2000,
      sha256: file?.sha256,
      workflowId: expect.stringMatching(/^gemini-files-[0-9a-f-]{36}\.mp4-[0-9a-f]{20}$/) as string,
      webUrl: null,
    });
    // One line for each check; if the display was late, only the last of several.
    const lines = checks(end.stderr) ?? [];
    expect(lines.slice(0, -1).every((line) => line.endsWith(': PROCESSING'))).toBe(true);
    expect(new Set(lines).size).toBe(lines.length);
    expect(lines.at(-1)).toBe(`check ${String(result.polls)}: ACTIVE`);
    expect(end.stdout + end.stderr).not.toContain(KEY);
  });

  it('prints `name  value` lines for people; a file that is ACTIVE at once is not waited for', async () => {
    const text = await home.file('notes.txt', 'hello');
    const end = await home.run(['upload', text, '--display-name', 'my notes']);
    const [file] = [...emulator.files.values()].filter(({ displayName }) => displayName === 'my notes');
    expect(end.code).toBe(0);
    expect(end.stdout.split('\n')).toEqual([
      'provider  google',
      `id        ${file?.name}`,
      `uri       ${file?.uri}`,
      'state     ACTIVE',
      'type      text/plain',
      'size      5 B',
      `expires   ${file?.expirationTime?.replace(/\.\d+Z$/, 'Z')}`,
      'waited    0.0 s, 0 checks',
      expect.stringMatching(/^run {7}gemini-files-notes\.txt-[0-9a-f]{20}$/) as string,
      '',
    ]);
  });

  it('that is not ACTIVE in time exits 3, its file deleted', async () => {
    const end = await home.run(['upload', video, '--json', '--timeout', '500ms', '--poll-interval', '300ms']);
    expect(end.code).toBe(3);
    expect(end.json()).toEqual({
      error: {
        type: 'UploadInactiveError',
        message: expect.stringContaining('was not ACTIVE within 0.5 s') as string,
        provider: 'google',
        id: expect.stringMatching(/^files\//) as string,
        state: 'PROCESSING',
        polls: expect.any(Number) as number,
        cleanup: 'deleted',
        workflowId: /^Run: (\S+)/m.exec(end.stderr)?.[1],
        runId: expect.any(String) as string,
        webUrl: null,
      },
    });
    expect(filesOf(video)).toEqual([]);
    expect(end.stderr).toMatch(/^UploadInactiveError: .*\nLong videos take minutes: give more time, .*\n$/m);
  });

  it('that failed exits 1; status reports the same', async () => {
    const upload = home.start(['upload', video, '--json', '--poll-interval', '200ms']);
    const [, id = ''] = await upload.stderr(/^Run: (\S+)/m);
    const name = await emulator.waitFor(() => filesOf(video)[0]?.name);
    emulator.fail(name, { code: 3, message: 'no video in it' });
    const end = await upload.ended;
    expect(end.code).toBe(1);
    const failure = { type: 'UploadFailedError', provider: 'google', id: name, state: 'FAILED' };
    expect(end.json()).toMatchObject({ error: { ...failure, cleanup: 'deleted' } });

    const status = await home.run(['status', id, '--json']);
    expect(status.code).toBe(0);
    expect(status.json()).toMatchObject({ status: 'FAILED', result: null, error: failure });
  });

  it('keeps the file on timeout with --no-cleanup-on-timeout', async () => {
    const flags = ['--timeout', '100ms', '--poll-interval', '100ms', '--no-cleanup-on-timeout', '--json'];
    const end = await home.run(['upload', video, ...flags]);
    expect(end.code).toBe(3);
    expect(end.json()).toMatchObject({ error: { cleanup: 'kept' } });
    expect(filesOf(video)).toHaveLength(1);
  });

  it('is refused by the provider: InvalidCredentialsError, and no key is shown', async () => {
    await using strict = await GeminiFilesEmulator.start({ apiKeys: ['another'] });
    const end = await home.run(['upload', video, '--json'], { env: { GOOGLE_GEMINI_BASE_URL: strict.url } });
    expect(end.code).toBe(1);
    expect(end.json()).toMatchObject({
      error: { type: 'InvalidCredentialsError', status: 400, kind: 'credentials', operation: 'start' },
    });
    expect(end.stdout + end.stderr).not.toContain(KEY);
  });
});

it('has another run for another base URL: the file of one endpoint is not at the other', async () => {
  const detached = async (baseUrl: string) => {
    const env = { GOOGLE_GEMINI_BASE_URL: baseUrl };
    const end = await home.run(['upload', video, '--detach', '--json'], { env });
    return end.json<{ workflowId: string }>().workflowId;
  };
  const other = 'http://127.0.0.1:9';
  const ids = [await detached(emulator.url), await detached(other), await detached(emulator.url)];
  for (const id of new Set(ids)) await temporal.client.workflow.getHandle(id).terminate();
  for (const id of ids) expect(id).toMatch(/^gemini-files-[0-9a-f-]{36}\.mp4-/);
  expect(ids[1]).not.toBe(ids[0]);
  expect(ids[2]).toBe(ids[0]);
});

describe('Ctrl-C', () => {
  // npm passes a Ctrl-C on that the terminal has sent to every process already.
  it('cancels the run, waits for the clean-up and exits 130; twice within milliseconds is once', async () => {
    const upload = home.start(['upload', video, '--json', '--poll-interval', '10s']);
    await upload.stderr(/^Run: /m);
    await emulator.waitFor(() => filesOf(video)[0]);
    upload.child.kill('SIGINT');
    await upload.stderr(/Cancelling; waiting for the clean-up/);
    upload.child.kill('SIGINT');
    const end = await upload.ended;
    expect(end).toMatchObject({ code: 130, signal: null });
    expect(end.stderr).toMatch(/Cancelled\.\n$/);
    expect(end.json()).toMatchObject({ error: { type: 'CancelledFailure' } });
    expect(filesOf(video)).toEqual([]);
  });

  it('a second time leaves at once, with the clean-up still open', async () => {
    const upload = home.start(['upload', video]);
    await upload.stderr(/^Run: /m);
    const name = await emulator.waitFor(() => filesOf(video)[0]?.name);
    emulator.addFaults({ on: 'delete', do: 'stall' });
    upload.child.kill('SIGINT');
    await emulator.waitFor((requests) => requests.some((r) => r.operation === 'delete' && r.file === name));
    // Later than npm's echo of the first one may come.
    await new Promise((resolve) => setTimeout(resolve, 600));
    upload.child.kill('SIGINT');
    expect(await upload.ended).toMatchObject({ code: 130 });
    expect(filesOf(video)).toHaveLength(1);
    emulator.activate(name);
  });

  it('while the server is still being reached exits 130 and starts nothing', async () => {
    // It takes the connection and never says a word.
    const silent = createServer().listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const address = `127.0.0.1:${(silent.address() as AddressInfo).port}`;
    const upload = home.start(['upload', video], { env: { TEMPORAL_ADDRESS: address } });
    await once(silent, 'connection');
    silent.close();
    upload.child.kill('SIGINT');
    const end = await upload.ended;
    expect(end).toMatchObject({ code: 130, stdout: '' });
    expect(end.stderr).toBe('Interrupted.\n');
  });
});

describe('the same file again', () => {
  it('after a kill -9 in mid-wait attaches to the same run: one upload', async () => {
    const flags = ['upload', video, '--json', '--poll-interval', '500ms'];
    const first = home.start(flags);
    const [, id = ''] = await first.stderr(/^Run: (\S+)/m);
    await first.stderr(/^check \d+: PROCESSING/m);
    first.child.kill('SIGKILL');
    await first.ended;
    const second = home.start(flags);
    await second.stderr(/^Attached to the open run of this file/m);
    await second.stderr(/^check \d+: PROCESSING/m);
    emulator.activate(filesOf(video)[0]?.name ?? '');
    const end = await second.ended;
    expect(end.code).toBe(0);
    expect(end.json()).toMatchObject({ workflowId: id, id: filesOf(video)[0]?.name });
    expect(startsOf(video)).toHaveLength(1);
  });

  it('at the same time shares one run, and another file has its own worker', async () => {
    const other = await home.file(`${randomUUID()}.mp4`, randomBytes(3000));
    const flags = ['--json', '--poll-interval', '300ms'];
    const uploads = [video, video, other].map((path) => home.start(['upload', path, ...flags]));
    await Promise.all(uploads.map((upload) => upload.stderr(/^check \d+: PROCESSING/m)));
    for (const path of [video, other]) emulator.activate(filesOf(path)[0]?.name ?? '');
    const ends = await Promise.all(uploads.map(({ ended }) => ended));
    expect(ends.map(({ code }) => code)).toEqual([0, 0, 0]);
    const [a, b, c] = ends.map((end) => end.json<{ id: string; runId: string }>());
    expect(b).toEqual(a);
    expect(c?.id).not.toBe(a?.id);
    expect([startsOf(video).length, startsOf(other).length]).toEqual([1, 1]);
  });

  it('by a linked folder is the same run; after it changed it is another', async () => {
    await symlink(home.path, join(home.path, 'linked'));
    const flags = ['--json', '--detach'];
    const id = async (path: string) =>
      (await home.run(['upload', path, ...flags])).json<{ workflowId: string }>().workflowId;
    const first = await id(video);
    expect(await id(join(home.path, 'linked', video.slice(home.path.length)))).toBe(first);
    await home.file(video.slice(home.path.length), 'changed');
    expect(await id(video)).not.toBe(first);
  });
});

describe('a second run of a file', () => {
  const idOf = async (...flags: string[]) => {
    const end = await home.run(['upload', video, '--detach', '--json', ...flags]);
    expect(end.code, end.stderr).toBe(0);
    return { id: end.json<{ workflowId: string }>().workflowId, stderr: end.stderr };
  };

  it('is started beside one that is being cancelled, and is the one that is resumed', async () => {
    // No worker polls the queue, so the first run stays as it is.
    const { id } = await idOf();
    await temporal.client.workflow.getHandle(id).cancel();
    const second = await idOf();
    expect(second.id).toBe(`${id}-2`);
    expect(second.stderr).toContain(
      `${id} is being cancelled or cleans up: starting another run of this file.`,
    );
    await temporal.client.workflow.getHandle(id).terminate();
    const again = await idOf();
    expect(again).toMatchObject({
      id: `${id}-2`,
      stderr: expect.stringContaining('Attached to the open run') as string,
    });
    await temporal.client.workflow.getHandle(`${id}-2`).terminate();
    expect((await idOf()).id).toBe(id);
    await temporal.client.workflow.getHandle(id).terminate();
  });

  it('is started by --new beside an open one', async () => {
    const { id } = await idOf();
    const second = await idOf('--new');
    expect(second.id).toBe(`${id}-2`);
    expect(second.stderr).toContain(`${id} is open: starting another run of this file.`);
    expect((await idOf('--new')).id).toBe(`${id}-3`);
    expect((await idOf()).id).toBe(id);
    for (const each of [id, `${id}-2`, `${id}-3`]) await temporal.client.workflow.getHandle(each).terminate();
  });
});

describe('--detach and --no-worker', () => {
  it('start a run that a `worker` process does; status follows it; SIGTERM ends the worker with exit 0', async () => {
    const started = await home.run(['upload', video, '--detach', '--json', '--poll-interval', '300ms']);
    expect(started.code).toBe(0);
    const { workflowId } = started.json<{ workflowId: string }>();
    expect(started.json()).toEqual({ workflowId, runId: expect.any(String) as string, webUrl: null });

    const follower = home.start(['upload', video, '--no-worker', '--json']);
    await follower.stderr(/^Attached to the open run/m);
    await follower.stderr(
      /^No worker takes workflows from the task queue gemini-files .*temporal-gemini-files worker/m,
    );

    const worker = home.start(['worker', '--allow-root', home.path, '--json']);
    const [, ready = ''] = await worker.stdout(/^(.*)\n/);
    expect(JSON.parse(ready)).toMatchObject({ taskQueue: 'gemini-files', allowedRoots: [home.path] });
    const name = await emulator.waitFor(() => filesOf(video)[0]?.name);
    await follower.stderr(/^check \d+: PROCESSING/m);
    const open = await home.run(['status', workflowId]);
    expect(open.stdout).toMatch(
      /^status +RUNNING\n(.*\n)*phase +processing\nfile +files\/\S+\nstate +PROCESSING\n/m,
    );

    emulator.activate(name);
    expect((await follower.ended).json()).toMatchObject({ workflowId, id: name, state: 'ACTIVE' });
    const done = await home.run(['status', workflowId, '--json']);
    expect(done.json()).toMatchObject({
      status: 'COMPLETED',
      progress: null,
      error: null,
      result: { id: name },
    });

    worker.child.kill('SIGTERM');
    expect(await worker.ended).toMatchObject({ code: 0, signal: null });
  });

  it('status of an unknown id is an error that names the id and the server', async () => {
    const end = await home.run(['status', 'nobody', '--json']);
    expect(end.code).toBe(1);
    const where = `No run nobody in the namespace default at ${temporal.address}`;
    // A server may listen on this machine's port 7233.
    const message = expect.stringMatching(
      new RegExp(`^${where}(\\. Another Temporal server .*)?$`),
    ) as string;
    expect(end.json()).toEqual({ error: { type: 'RunNotFoundError', message } });
  });
});

describe('credentials profiles', () => {
  it('--credentials needs no key but the profile’s own', async () => {
    const config = await home.file(
      'team.json',
      JSON.stringify({ profiles: { 'team-a': { apiKey: 'sk-team-a-9876543210' } } }),
    );
    const text = await home.file('team.txt', 'hello team');
    const end = await home.run(['upload', text, '--credentials', 'team-a', '--config', config, '--json'], {
      env: { GEMINI_API_KEY: undefined },
    });
    expect(end.stderr).not.toContain('Error');
    expect(end.code).toBe(0);
    const [start] = emulator.requests.filter(({ operation }) => operation === 'start').slice(-1);
    expect(start?.headers['x-goog-api-key']).toBe('sk-team-a-9876543210');
  });
});
