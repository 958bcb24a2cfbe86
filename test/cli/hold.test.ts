/** `hold`, `release` and `status` of a hold, against a dev server with a worker. */

import { expect, it } from 'vitest';
import type { HeldFile, HoldStatus } from '../../src/client/index.js';
import { ACTIVITY, TASK_QUEUE } from '../../src/contract/names.js';
import { GeminiFilesEmulator } from '../../src/testing/index.js';
import { cliHome } from '../support/cli.js';
import { useDevServer } from '../support/temporal.js';
import { testWorker } from '../support/worker.js';

const env = await useDevServer();

it('holds a file, shows the hold, and releases it', async () => {
  await using home = await cliHome({ TEMPORAL_ADDRESS: env.address });
  await using emulator = await GeminiFilesEmulator.start({ processing: 0 });
  await home.file('talk.mp4', 'a talk');
  const at = await testWorker(env, {
    baseUrl: emulator.url,
    taskQueue: TASK_QUEUE,
    allowedRoots: [home.path],
  });
  await at.run(async () => {
    const hold = ['hold', 'talk.mp4', '--for', '5d', '--hold-id', 'talk', '--json'];
    const held = await home.run(hold);
    expect(held.code).toBe(0);
    const { holdId, leaseId, file } = held.json<HeldFile>();
    expect({ holdId, leaseId, file }).toMatchObject({
      holdId: 'talk',
      leaseId: 'cli',
      file: { state: 'ACTIVE', displayName: 'talk.mp4' },
    });
    expect(held.stdout.trim().split('\n')).toHaveLength(1);
    // The lease of the command is extended.
    const again = await home.run(hold);
    expect(again.json<HeldFile>().file).toEqual(file);
    expect(again.stderr).not.toContain('was running already');
    const other = await home.run(['hold', 'other.mp4', ...hold.slice(2)]);
    expect(other.json<HeldFile>().file).toEqual(file);
    expect(other.stderr).toMatch(
      /^The hold talk was running already, with talk\.mp4, not with other\.mp4: /m,
    );

    const status = (await home.run(['status', 'talk', '--json'])).json<{
      hold: HoldStatus;
      status: string;
    }>();
    expect(status).toMatchObject({
      status: 'RUNNING',
      hold: { phase: 'active', file, leases: [{ id: 'cli' }] },
    });
    const text = (await home.run(['status', 'talk'])).stdout;
    expect(text).toMatch(/^phase +active$/m);
    expect(text).toMatch(/^lease +cli until \d{4}-.*Z$/m);

    const release = async (...args: string[]) => {
      const end = await home.run(['release', ...args, '--json']);
      return { code: end.code, stderr: end.stderr, ...end.json() };
    };
    expect(await release('talk', '--lease', 'other')).toMatchObject({
      code: 0,
      leaseId: 'other',
      released: false,
      stderr: expect.stringContaining('The hold talk has no lease other') as string,
    });
    expect(await release('talk')).toMatchObject({ code: 0, holdId: 'talk', leaseId: 'cli', released: true });
    await env.client.workflow.getHandle('talk').result();
    expect((await home.run(['status', 'talk', '--json'])).json()).toMatchObject({
      status: 'COMPLETED',
      hold: null,
      result: { renewals: 0, leases: 1, cleanup: 'deleted' },
      error: null,
    });
    expect(emulator.files.size).toBe(0);
    // One that has ended is left alone.
    for (const id of ['talk', 'never'])
      expect(await release(id)).toMatchObject({
        code: 0,
        released: false,
        stderr: expect.stringContaining(`No hold ${id} is open`) as string,
      });
    expect(await home.run(['hold', 'none.mp4', '--for', '5d', '--json'])).toMatchObject({ code: 1 });
    for (const source of ['archive:talk.mp4', 'https://media.example/talk.mp4']) {
      const refused = await home.run(['hold', source, '--for', '5d', '--json']);
      expect(refused.json()).toMatchObject({ error: { type: 'SourceNotAllowedError' } });
    }
  });
});

it('tells what it waits for, and ends with 3 if the file is not ACTIVE in time', async () => {
  await using home = await cliHome({ TEMPORAL_ADDRESS: env.address });
  await using emulator = await GeminiFilesEmulator.start({
    processing: '1h',
    faults: [{ on: 'start', do: 'respond', status: 503, headers: { 'retry-after': '60' } }],
  });
  await home.file('slow.mp4', 'a talk');
  const hold = home.start(['hold', 'slow.mp4', '--for', '5d', '--timeout', '1s', '--json']);
  const [, holdId = ''] = await hold.stderr(/^Run: (\S+)$/m);
  // A worker of a test before counts as a poller for two minutes.
  await hold.stderr(
    /^No worker (takes workflows from|has taken this run yet: the workers of) .*gemini-files /m,
  );
  const at = await testWorker(env, {
    baseUrl: emulator.url,
    taskQueue: TASK_QUEUE,
    allowedRoots: [home.path],
  });
  await at.run(async () => {
    await hold.stderr(/^failed attempt 1: .*503.*; next attempt at /m);
    // At once, instead of after the minute that the provider asked for.
    await env.client.workflowService.resetActivity({
      namespace: env.client.options.namespace,
      execution: { workflowId: holdId },
      type: ACTIVITY.upload,
    });
    const end = await hold.ended;
    expect(end.code, end.stderr).toBe(3);
    expect(end.json()).toMatchObject({
      error: { type: 'UploadInactiveError', cleanup: 'deleted', holdId, leaseId: 'cli' },
    });
  });
  expect(holdId).toMatch(/^gemini-files-hold-/);
});

it('goes on after Ctrl-C, and the command says how to end it', async () => {
  await using home = await cliHome({ TEMPORAL_ADDRESS: env.address });
  const hold = home.start(['hold', 'talk.mp4', '--for', '5d', '--hold-id', 'interrupted', '--json']);
  await hold.stderr(/^Run: interrupted$/m);
  hold.child.kill('SIGINT');
  const ended = await hold.ended;
  const { code, stderr } = ended;
  expect(code, stderr).toBe(130);
  expect(ended.json()).toMatchObject({ error: { holdId: 'interrupted', leaseId: 'cli' } });
  expect(stderr).toMatch(/^The hold goes on. To end it: temporal-gemini-files release interrupted$/m);
  const workflow = env.client.workflow.getHandle('interrupted');
  expect((await workflow.describe()).status.name).toBe('RUNNING');
  await workflow.terminate();
});

it('refuses what cannot work before it connects', async () => {
  await using home = await cliHome();
  for (const [args, message] of [
    [['hold', 'talk.mp4', '--for', '5d'], 'hold needs a Temporal server'],
    [['release', 'talk'], 'release needs a Temporal server'],
    [['hold', 'talk.mp4'], 'Invalid option for: required'],
    [['hold', 'http://media.example/talk.mp4', '--for', '5d'], 'Invalid option source: '],
    [['hold', 'https://media.example/talk.mp4?token=S3CRET', '--for', '5d'], 'Invalid option source: '],
    [['hold', 'talk.mp4', '--for', '31d'], 'Invalid option for: expected at most 30d, got "31d"'],
    [['hold', 'talk.mp4', '--for', '5d', '--reuse', 'name'], 'Invalid option reuse: '],
    [['hold', 'talk.mp4', '--for', '5d', '--hold-id', 'a', '--reuse', 'content'], 'holdId and reuse'],
  ] as const) {
    const { code, stderr } = await home.run(args);
    expect(stderr).toContain(message);
    expect(stderr).not.toContain('S3CRET');
    expect(code).toBe(2);
  }
});
