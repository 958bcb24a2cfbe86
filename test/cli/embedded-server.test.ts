/** The embedded server with real processes: the host from dist (run `npm run build` first), Temporal's dev server, users that die. */
import { Client, Connection } from '@temporalio/client';
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  attachEmbedded,
  findTemporalCli,
  readEmbeddedLock,
  type AttachOptions,
  type EmbeddedServer,
} from '../../src/cli/embedded/index.js';
import { listensOn } from '../support/listeners.js';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 120_000 });

let cli: string;
let root: string;
let env: Record<string, string | undefined>;
let stateDir: string;
const attached: EmbeddedServer[] = [];
const users: ChildProcess[] = [];

beforeAll(async () => {
  cli = (await findTemporalCli()).path;
});

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'embedded-server-'));
  env = { ...process.env, XDG_STATE_HOME: root, TEMPORAL_CLI: cli };
  stateDir = join(root, 'temporal-gemini-files');
});

afterEach(async () => {
  for (const user of users.splice(0)) user.kill('SIGKILL');
  await Promise.all(attached.splice(0).map((server) => server.release()));
  const left = await readEmbeddedLock(stateDir);
  if (left !== undefined) await goneAll(left.hostPid, left.serverPid ?? left.hostPid);
  rmSync(root, { recursive: true, force: true });
});

async function attach(options: Partial<AttachOptions> = {}): Promise<EmbeddedServer> {
  const server = await attachEmbedded({ env, ...options });
  attached.push(server);
  return server;
}

async function pids(): Promise<{ host: number; server: number }> {
  const status = await readEmbeddedLock(stateDir);
  if (status?.serverPid === undefined) throw new Error('no embedded server');
  return { host: status.hostPid, server: status.serverPid };
}

/** A process that has ended but was not reaped by its parent yet counts as gone. */
function runs(pid: number): boolean {
  try {
    return !execFileSync('ps', ['-o', 'stat=', '-p', String(pid)], { encoding: 'utf8' }).startsWith('Z');
  } catch {
    return false;
  }
}

async function goneAll(...list: number[]): Promise<void> {
  await expect.poll(() => list.filter(runs), { timeout: 20_000, interval: 50 }).toEqual([]);
}

/** Another process that attaches, tells its address, and stays until it is killed. */
async function otherUser(): Promise<{ process: ChildProcess; address: string }> {
  const module = new URL('../../dist/cli/embedded/index.js', import.meta.url).href;
  const code = `
    const { attachEmbedded } = await import(${JSON.stringify(module)});
    const server = await attachEmbedded();
    process.on('message', async () => { await server.release(); process.disconnect(); });
    process.send(server.address);`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', code], {
    env,
    cwd: fileURLToPath(new URL('../..', import.meta.url)),
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  users.push(child);
  const [address] = (await once(child, 'message')) as [string];
  return { process: child, address };
}

async function withClient<T>(server: EmbeddedServer, use: (client: Client) => Promise<T>): Promise<T> {
  const connection = await Connection.connect({ address: server.address });
  try {
    return await use(new Client({ connection }));
  } finally {
    await connection.close();
  }
}

const lockFile = (generation: number): string => join(stateDir, `embedded-${generation}.lock`);

/** A state folder with a lock of a host that is not there. */
function leaveLock(content: unknown): void {
  execFileSync('mkdir', ['-p', stateDir]);
  writeFileSync(lockFile(1), typeof content === 'string' ? content : JSON.stringify(content));
}

describe('sharing', () => {
  it('gives two users one server, and the last one to leave ends it', async () => {
    const one = await attach();
    const two = await attach();
    expect(two.address).toBe(one.address);
    expect(two.uiUrl).toBe(one.uiUrl);
    const { host, server } = await pids();
    const ui = await fetch(one.uiUrl);
    expect(ui.status).toBe(200);

    await one.release();
    expect(runs(server)).toBe(true);
    await withClient(two, (client) => client.workflowService.describeNamespace({ namespace: two.namespace }));

    await two.release();
    expect(runs(server)).toBe(false);
    expect(await readEmbeddedLock(stateDir)).toBeUndefined();
    await goneAll(host);
  });

  it('starts one server for several processes that come at the same moment', async () => {
    const all = await Promise.all([otherUser(), otherUser(), otherUser(), otherUser()]);
    expect(new Set(all.map(({ address }) => address)).size).toBe(1);
    const { host, server } = await pids();
    for (const { process: user } of all) user.send('leave');
    await Promise.all(all.map(({ process: user }) => once(user, 'exit')));
    await goneAll(host, server);
  });

  it('lets a user come while the server is being ended', async () => {
    const one = await attach();
    const before = await pids();
    const leaving = one.release();
    const two = await attach();
    await leaving;
    expect((await pids()).server).not.toBe(before.server);
    expect(runs(before.server)).toBe(false);
    expect(two.address).toBe(one.address);
  });

  it('keeps everything to the user: the folder 0700, its files 0600, loopback only', async () => {
    const server = await attach();
    const mode = (path: string): string => (statSync(path).mode & 0o777).toString(8);
    expect(mode(stateDir)).toBe('700');
    // A journal lives for a moment only, and may be gone before its mode is asked for.
    const files = readdirSync(stateDir).filter((name) => !name.endsWith('-journal'));
    expect(files).toContain('temporal.db');
    expect(files.map((name) => [name, mode(join(stateDir, name))])).toEqual(
      files.map((name) => [name, '600']),
    );
    expect(server.address).toMatch(/^127\.0\.0\.1:/);
    expect(server.uiUrl).toMatch(/^http:\/\/127\.0\.0\.1:/);
  });

  it.skipIf(process.platform !== 'linux')('has no socket that another machine could reach', async () => {
    await attach({ emulator: true });
    const { host, server } = await pids();
    expect(listensOn(host)).toEqual(['127.0.0.1']);
    expect(listensOn(server)).toEqual(['127.0.0.1']);
  });
});

describe('the emulator', () => {
  it('runs in the same host for those who ask for it, on the same port the next time', async () => {
    const first = await attach({ emulator: true });
    const list = await fetch(`${first.emulatorUrl}/v1beta/files?key=any`);
    expect(list.status).toBe(200);
    await first.release();
    const second = await attach({ emulator: true });
    expect(second.emulatorUrl).toBe(first.emulatorUrl);
  });
});

describe('persistence', () => {
  it('keeps workflows and addresses over a restart', async () => {
    const first = await attach();
    await withClient(first, (client) =>
      client.workflow.start('nobodyRunsThis', { taskQueue: 'nobody', workflowId: 'kept' }),
    );
    await first.release();
    const second = await attach();
    expect(second.address).toBe(first.address);
    expect(second.uiUrl).toBe(first.uiUrl);
    const description = await withClient(second, (client) => client.workflow.getHandle('kept').describe());
    expect(description.status.name).toBe('RUNNING');
  });

  it('takes another port where the last one is in use by now', async () => {
    const first = await attach();
    await first.release();
    const squatter = createServer().listen(Number(first.address.split(':')[1]), '127.0.0.1');
    await once(squatter, 'listening');
    const second = await attach();
    expect(second.address).not.toBe(first.address);
    squatter.close();
  });

  it('refuses a database that a newer server has written', async () => {
    await (await attach()).release();
    const versionFile = join(stateDir, 'server-version.json');
    writeFileSync(versionFile, JSON.stringify({ serverVersion: '99.1.0', cliVersion: '98.0.0' }));
    const refused = expect(attach()).rejects;
    await refused.toThrow(
      /temporal\.db was written by Temporal server 99\.1\.0, which is newer.*TEMPORAL_CLI/s,
    );
    expect(await readEmbeddedLock(stateDir)).toBeUndefined();
  });
});

describe('deaths', () => {
  it('ends the server when its only user is killed with -9', async () => {
    const user = await otherUser();
    const { host, server } = await pids();
    user.process.kill('SIGKILL');
    await goneAll(host, server);
    expect(await readEmbeddedLock(stateDir)).toBeUndefined();
    expect((await attach()).address).toBe(user.address);
  });

  it('keeps the server for the others when one user is killed with -9', async () => {
    const user = await otherUser();
    const mine = await attach();
    const { server } = await pids();
    user.process.kill('SIGKILL');
    await once(user.process, 'exit');
    const later = await attach();
    expect(later.address).toBe(mine.address);
    expect((await pids()).server).toBe(server);
  });

  it('tells users of a killed host, and the next one replaces the orphan it left', async () => {
    const one = await attach();
    const lost = new Promise<Error>((resolve) => one.onLost(resolve));
    const before = await pids();
    process.kill(before.host, 'SIGKILL');
    expect((await lost).message).toContain('its host process ended unexpectedly');
    expect(runs(before.server)).toBe(true);
    await attach();
    expect(runs(before.server)).toBe(false);
    expect((await pids()).server).not.toBe(before.server);
  });

  it('leaves no orphan of a killed host when the user leaves', async () => {
    const one = await attach();
    const before = await pids();
    process.kill(before.host, 'SIGKILL');
    await one.release();
    await goneAll(before.host, before.server);
  });

  it('names a host that hangs instead of starting a second server on its database', async () => {
    await attach();
    const { host } = await pids();
    process.kill(host, 'SIGSTOP');
    try {
      await expect(attach()).rejects.toThrow(`(process ${host}) does not answer`);
    } finally {
      process.kill(host, 'SIGCONT');
    }
  });

  it('says so when the server dies, and starts anew for the next user', async () => {
    const one = await attach();
    const lost = new Promise<Error>((resolve) => one.onLost(resolve));
    const before = await pids();
    process.kill(before.server, 'SIGKILL');
    expect((await lost).message).toContain("Temporal's dev server ended (SIGKILL)");
    await attach();
    expect((await pids()).server).not.toBe(before.server);
  });

  it('ends the server in good order when the host is told to end', async () => {
    const one = await attach();
    const lost = new Promise<Error>((resolve) => one.onLost(resolve));
    const { host, server } = await pids();
    process.kill(host, 'SIGTERM');
    expect((await lost).message).toContain('told to end');
    await goneAll(host, server);
  });
});

describe('a stale lock', () => {
  it.each([
    ['is garbage', '{"pid": 12'],
    ['is empty', ''],
    [
      'names a process and a port that are gone',
      { pid: 2 ** 22 - 1, controlPort: 9, token: 'x', startedAt: '' },
    ],
    // Process ids are used again: this one lives, but is no Temporal server and must stay unharmed.
    [
      'names processes that are others by now',
      { pid: process.pid, serverPid: process.pid, controlPort: 9, token: 'x', startedAt: '' },
    ],
  ])('that %s is replaced', async (_, content) => {
    leaveLock(content);
    await attach();
    expect(readdirSync(stateDir).filter((name) => name.endsWith('.lock'))).toEqual(['embedded-2.lock']);
  });

  it('whose port another program has by now is replaced', async () => {
    const stranger = createServer((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
    await once(stranger.listen(0, '127.0.0.1'), 'listening');
    const { port } = stranger.address() as AddressInfo;
    leaveLock({ pid: process.pid, controlPort: port, token: 'x', startedAt: '' });
    await attach();
    stranger.close();
  });

  it('is replaced by one only of several that see it at the same moment', async () => {
    leaveLock({ pid: 2 ** 22 - 1, controlPort: 9, token: 'x', startedAt: '' });
    const all = await Promise.all([otherUser(), otherUser(), otherUser()]);
    expect(new Set(all.map(({ address }) => address)).size).toBe(1);
  });
});

describe('a server that does not start', () => {
  it('is an error with its own words', async () => {
    const bad = join(root, 'bad-temporal');
    const lines = [
      '#!/bin/sh',
      'if [ "$1" = --version ]; then echo "temporal version 1.0.0 (Server 1.1.0, UI 2.0.0)"; exit; fi',
      'echo "Error: sql schema version 9.9 is too new" >&2; exit 1',
    ];
    writeFileSync(bad, lines.join('\n'), { mode: 0o755 });
    const failed = expect(attach({ env: { ...env, TEMPORAL_CLI: bad } })).rejects;
    await failed.toThrow(/ended \(exit 1\) before it answered; it said: .*schema version 9\.9 is too new/);
    expect(await readEmbeddedLock(stateDir)).toBeUndefined();
  });

  it('is an error that names a state folder that cannot be made', async () => {
    writeFileSync(stateDir, 'a file');
    await expect(attach()).rejects.toThrow(`The state folder ${stateDir}`);
    rmSync(stateDir);
  });
});
