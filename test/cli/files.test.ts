/** `list`, `delete` and `status` without an id. */

import { randomBytes, randomUUID } from 'node:crypto';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { WorkflowHandle } from '@temporalio/client';
import { describe, expect, it } from 'vitest';
import { GeminiFilesClient } from '../../src/client/index.js';
import type { GeminiFile } from '../../src/contract/file.js';
import { GeminiFilesEmulator } from '../../src/testing/index.js';
import { gate } from '../support/gate.js';
import { KEY, useConfiguredCli } from '../support/configured-cli.js';

const MAIN = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
const { temporal, emulator, home } = await useConfiguredCli();
const addFile = (displayName: string, at = emulator) => ({
  name: at.addFile({ content: 'hello', apiKey: KEY, displayName }),
});

/** A run that waits for the file, and that no worker takes up. */
async function waitingRun(file: string) {
  const workflowId = `waiting-${randomUUID()}`;
  const client = new GeminiFilesClient(temporal.client, { taskQueue: `nobody-${randomUUID()}` });
  await client.startWait(file, {}, { workflowId });
  const query = `WorkflowId = '${workflowId}'`;
  await expect.poll(async () => (await temporal.client.workflow.count(query)).count).toBe(1);
  return temporal.client.workflow.getHandle(workflowId);
}

describe('list', () => {
  it('has all pages, what expires first at the top, as a table and as JSON', async () => {
    await using other = await GeminiFilesEmulator.start();
    const env = { GOOGLE_GEMINI_BASE_URL: other.url };
    for (let at = 0; at < 120; at++) addFile(`file ${at}`, other);
    const json = (await home.run(['list', '--json'], { env })).json<GeminiFile[]>();
    expect(json).toHaveLength(120);
    const times = json.map(({ expirationTime }) => expirationTime);
    expect(times).toEqual(times.toSorted());
    const { code, stdout } = await home.run(['list'], { env });
    expect(code).toBe(0);
    const [header, ...rows] = stdout.trimEnd().split('\n');
    expect(header).toMatch(/^NAME +DISPLAY NAME +TYPE +SIZE +STATE +EXPIRES$/);
    expect(rows).toHaveLength(120);
    expect(new Set(rows.map((row) => row.indexOf('5 B')))).toHaveProperty('size', 1);
  });

  it('--state has only those files, and says if there are none', async () => {
    await using other = await GeminiFilesEmulator.start();
    const env = { GOOGLE_GEMINI_BASE_URL: other.url };
    addFile('ready', other);
    const active = await home.run(['list', '--state', 'active', '--json'], { env });
    expect(active.json<GeminiFile[]>().map(({ displayName }) => displayName)).toEqual(['ready']);
    const none = await home.run(['list', '--state', 'FAILED'], { env });
    expect(none).toMatchObject({ code: 0, stdout: '', stderr: 'No files are FAILED.\n' });
    expect((await home.run(['list', '--state', 'lost'])).code).toBe(2);
  });
});

describe('delete', () => {
  it('deletes with --yes, and names what the provider does not have', async () => {
    const { name } = addFile('unused');
    const end = await home.run(['delete', name, 'files/nobody', '--yes', '--json']);
    expect(end.code).toBe(1);
    expect(end.json()).toMatchObject({
      files: [
        { name, outcome: 'deleted' },
        { name: 'files/nobody', outcome: 'gone' },
      ],
    });
    expect(emulator.files.has(name)).toBe(false);
  });

  it('without a terminal refuses to delete without --yes', async () => {
    const { name } = addFile('asked');
    const end = await home.run(['delete', name]);
    expect(end).toMatchObject({ code: 2, stdout: '' });
    expect(end.stderr).toContain('give --yes');
    expect(emulator.files.has(name)).toBe(true);
    expect((await home.run(['delete', 'clip.mp4', '--yes'])).code).toBe(2);
  });

  it('keeps a file that an open run uses, and deletes the others; --force deletes it', async () => {
    const [used, unused] = [addFile('used'), addFile('unused')];
    const run = await waitingRun(used.name);
    const end = await home.run(['delete', used.name, unused.name, '--yes', '--json']);
    expect(end.code).toBe(1);
    expect(end.json()).toEqual({
      files: [
        { name: used.name, outcome: 'kept', error: `the open run ${run.workflowId} uses it` },
        { name: unused.name, outcome: 'deleted' },
      ],
    });
    expect(end.stderr).toMatch(/--force\. Their runs will fail\.\n$/);
    // The result has the reason.
    expect(end.stderr).not.toContain(run.workflowId);
    expect([used, unused].map(({ name }) => emulator.files.has(name))).toEqual([true, false]);
    expect((await home.run(['delete', used.name, '--yes', '--force'])).code).toBe(0);
    expect(emulator.files.has(used.name)).toBe(false);
    await run.terminate();
  });

  it('refuses without --force if the Temporal server does not answer', async () => {
    const { name } = addFile('unknown');
    const env = { TEMPORAL_ADDRESS: '127.0.0.1:9' };
    const end = await home.run(['delete', name, '--yes'], { env });
    expect(end.code).toBe(1);
    expect(end.stderr).toMatch(
      /^UseUnknownError: Nothing was deleted, .*No Temporal server answers.*--force/m,
    );
    expect(emulator.files.has(name)).toBe(true);
    expect((await home.run(['delete', name, '--yes', '--force'], { env })).code).toBe(0);
  });

  it('that is interrupted reports what it has deleted, and what not', async () => {
    await using slow = await GeminiFilesEmulator.start();
    const names = ['one', 'two', 'three'].map((name) => addFile(name, slow).name);
    slow.addFaults({ on: 'delete', do: 'stall', skip: 1 });
    const end = home.start(['delete', ...names, '--yes', '--force', '--json'], {
      env: { GOOGLE_GEMINI_BASE_URL: slow.url },
    });
    await slow.waitFor(() => slow.requests.filter(({ operation }) => operation === 'delete')[1]);
    end.child.kill('SIGINT');
    const ended = await end.ended;
    expect(ended.code).toBe(130);
    expect(ended.json()).toEqual({
      files: [
        { name: names[0], outcome: 'deleted' },
        {
          name: names[1],
          outcome: 'failed',
          error: expect.stringContaining('may have deleted it') as string,
        },
        { name: names[2], outcome: 'failed', error: 'not deleted: interrupted before' },
      ],
    });
    expect(slow.files.has(names[2] ?? '')).toBe(true);
  });

  /** On a terminal, which has both streams. `before` runs when the command has asked. */
  const answered = async (args: string, answer: string, before?: () => Promise<void>) => {
    const command = `${process.execPath} ${MAIN} delete ${args}`;
    const child = spawn('script', ['-qefc', command, '/dev/null'], { env: home.env });
    let text = '';
    const asked = gate();
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
      if (text.includes('[y/N]')) asked.open();
    });
    const closed = once(child, 'close');
    await Promise.race([asked.pass(), closed]);
    await before?.();
    child.stdin.write(answer);
    const [code] = (await closed) as [number];
    return { code, text };
  };

  it.skipIf(process.platform !== 'linux')('asks on a terminal', async () => {
    const [kept, gone] = [addFile('kept'), addFile('gone')];
    const no = await answered(`${kept.name} --force`, '\n');
    expect(no.code).toBe(1);
    expect(no.text).toMatch(/Delete 1 file\? \[y\/N\] (.|\s)*Nothing was deleted\./);
    expect(emulator.files.has(kept.name)).toBe(true);
    const yes = await answered(`${gone.name} --force`, 'y\n');
    expect(yes.code, yes.text).toBe(0);
    // Bold: a terminal has colours.
    expect(yes.text).toMatch(/\u001B\[1mNAME/);
    expect(emulator.files.has(gone.name)).toBe(false);
  });

  it.skipIf(process.platform !== 'linux')(
    'says before it asks which files it keeps, and why in the end',
    async () => {
      const [used, unused] = [addFile('used'), addFile('unused')];
      const run = await waitingRun(used.name);
      const { code, text } = await answered(`${used.name} ${unused.name}`, 'y\n');
      expect(code, text).toBe(1);
      const [before = '', after = ''] = text.split('Delete 1 file? [y/N]');
      expect(before).toContain(`${used.name} is kept: an open run uses it`);
      expect(before).not.toContain(run.workflowId);
      expect(after.split(run.workflowId)).toHaveLength(2);
      expect([used, unused].map(({ name }) => emulator.files.has(name))).toEqual([true, false]);
      await run.terminate();
    },
  );

  it.skipIf(process.platform !== 'linux')(
    'keeps a file that it has not asked about, also if its run has ended meanwhile',
    async () => {
      const [used, unused] = [addFile('used before'), addFile('not used')];
      const run = await waitingRun(used.name);
      const isOpen = `WorkflowId = '${run.workflowId}' AND CloseTime IS NULL`;
      const { code, text } = await answered(`${used.name} ${unused.name}`, 'y\n', async () => {
        await run.terminate();
        await expect.poll(async () => (await temporal.client.workflow.count(isOpen)).count).toBe(0);
      });
      expect(code, text).toBe(1);
      expect([used, unused].map(({ name }) => emulator.files.has(name))).toEqual([true, false]);
    },
  );

  it.skipIf(process.platform !== 'linux')(
    'keeps a file that a run has begun to use since it has asked',
    async () => {
      const { name } = addFile('used late');
      let run: WorkflowHandle | undefined;
      const { code, text } = await answered(name, 'y\n', async () => {
        run = await waitingRun(name);
      });
      expect(code, text).toBe(1);
      expect(text.split('[y/N]')[1]).toContain(run?.workflowId);
      expect(emulator.files.has(name)).toBe(true);
      await run?.terminate();
    },
  );
});

describe('status without an id', () => {
  it('lists the open runs first, and those that have ended', async () => {
    const text = await home.file(`${randomUUID()}.txt`, randomBytes(10).toString('hex'));
    const { workflowId: ended } = (await home.run(['upload', text, '--json'])).json<{ workflowId: string }>();
    const open = await waitingRun(addFile('waited for').name);
    const closed = `WorkflowId = '${ended}' AND ExecutionStatus = 'Completed'`;
    await expect.poll(async () => (await temporal.client.workflow.count(closed)).count).toBe(1);
    const json = (await home.run(['status', '--json'])).json<{ workflowId: string }[]>();
    const ids = json.map(({ workflowId }) => workflowId);
    expect(ids).toEqual(expect.arrayContaining([open.workflowId, ended]));
    expect(ids.indexOf(open.workflowId)).toBeLessThan(ids.indexOf(ended));
    expect(json.find(({ workflowId }) => workflowId === ended)).toMatchObject({
      type: 'uploadAndWaitActive',
      status: 'COMPLETED',
      closeTime: expect.any(String) as string,
    });
    const { stdout } = await home.run(['status']);
    expect(stdout).toMatch(/^ID +TYPE +STATUS +STARTED +ENDED\n/);
    expect(stdout).toMatch(new RegExp(`^${open.workflowId} +waitActive +RUNNING +\\S+ +-$`, 'm'));
    await open.terminate();
  });
});

it.each([['list'], ['usage'], ['delete', 'files/abc123', '--yes', '--force']])(
  '%s without a key says what to set, in the words of the command line',
  async (...args) => {
    const { code, stderr } = await home.run(args, { env: { GEMINI_API_KEY: undefined } });
    expect(code).toBe(1);
    expect(stderr).toMatch(/^MissingCredentialsError: No Gemini API key\. Set GEMINI_API_KEY .*--config/m);
    expect(stderr).not.toContain('worker option');
  },
);
