/** The embedded server with real processes: Temporal's dev server, the emulator from dist, and commands that are killed. */
import { Client, Connection } from '@temporalio/client';
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { planCommand, withCommandContext } from '../../src/cli/command-context.js';
import {
  attachDevServer,
  readDevServerStatus,
  type AttachOptions,
  type DevServer,
} from '../../src/cli/dev-server/index.js';
import { startService } from '../../src/cli/dev-server/service.js';
import { untilOpen } from '../../src/cli/dev-server/temporal-server.js';
import { InterruptedError } from '../../src/cli/exit.js';
import { cachedCli, pinnedVersion } from '../../src/cli/temporal-cli/cache.js';
import { isNewer } from '../../src/cli/temporal-cli/database.js';
import { findTemporalCli } from '../../src/cli/temporal-cli/index.js';
import { installInterruptHandler } from '../../src/cli/terminal/interrupt.js';
import { createOutput } from '../../src/cli/terminal/output.js';
import { MissingCredentialsError } from '../../src/contract/errors.js';
import { freePort } from '../../src/util/free-port.js';
import { startOf, stopProcess, type ProcessId } from '../../src/util/process-id.js';
import { ProcessMarker } from '../../src/util/process-marker.js';
import { killDevServer } from '../support/dev-server.js';
import { listensOn } from '../support/listeners.js';
import { stopwatch } from '../support/stopwatch.js';

let cli: string;
let root: string;
let env: Record<string, string | undefined>;
let stateDir: string;
const attached: DevServer[] = [];
const users: ChildProcess[] = [];

beforeAll(async () => {
  cli = (await findTemporalCli()).path;
});

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'dev-server-'));
  env = { ...process.env, XDG_STATE_HOME: root, TEMPORAL_CLI: cli };
  stateDir = join(root, 'temporal-gemini-files');
});

afterEach(async () => {
  for (const user of users.splice(0)) user.kill('SIGKILL');
  await Promise.all(attached.splice(0).map((server) => server.release()));
  killDevServer(stateDir);
  rmSync(root, { recursive: true, force: true, maxRetries: 5 });
});

async function attach(options: Partial<AttachOptions> = {}): Promise<DevServer> {
  const server = await attachDevServer({ env, ...options });
  attached.push(server);
  return server;
}

function status() {
  const found = readDevServerStatus(stateDir);
  if (found === undefined) throw new Error('the embedded server does not run');
  return found;
}

const runs = (pid: number): boolean => startOf(pid) !== undefined;

interface OtherUser {
  readonly process: ChildProcess;
  readonly address: string;
  release(): Promise<void>;
}

/** Another process that attaches, and stays until it gets the command to release the server, or is killed. */
async function otherUser(): Promise<OtherUser> {
  const module = new URL('../../dist/cli/dev-server/index.js', import.meta.url).href;
  const code = `
    const { attachDevServer } = await import(${JSON.stringify(module)});
    const server = await attachDevServer();
    process.on('message', async () => { await server.release(); process.disconnect(); });
    process.send(server.address);`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', code], {
    env,
    cwd: fileURLToPath(new URL('../..', import.meta.url)),
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  users.push(child);
  const [address] = (await once(child, 'message')) as [string];
  const release = async () => {
    child.send('release');
    await once(child, 'exit');
  };
  return { process: child, address, release };
}

async function kill(user: OtherUser): Promise<void> {
  user.process.kill('SIGKILL');
  await once(user.process, 'exit');
}

async function withClient<T>(server: { address: string }, use: (client: Client) => Promise<T>): Promise<T> {
  const connection = await Connection.connect({ address: server.address });
  try {
    return await use(new Client({ connection }));
  } finally {
    await connection.close();
  }
}

const startRun = (server: { address: string }, workflowId: string) =>
  withClient(server, ({ workflow }) => workflow.start('noWorkerRunsThis', { taskQueue: 'none', workflowId }));

function writeRecord(content: unknown): void {
  mkdirSync(stateDir, { recursive: true });
  writeFileSync(
    join(stateDir, 'server.json'),
    typeof content === 'string' ? content : JSON.stringify(content),
  );
}

/** A Temporal CLI whose server does not start. */
function fakeCli(path: string, version: string, output = 'no server'): string {
  const lines = [
    '#!/bin/sh',
    `if [ "$1" = --version ]; then echo "temporal version ${version}, UI 2.0.0)"; exit; fi`,
    `echo "${output}" >&2; exit 1`,
  ];
  writeFileSync(path, lines.join('\n'), { mode: 0o755 });
  return path;
}

it('is not started for a command that was interrupted before', async () => {
  const signal = AbortSignal.abort(new InterruptedError('Interrupted'));
  await expect(attach({ signal })).rejects.toThrow(InterruptedError);
  expect(readDevServerStatus(stateDir)).toBeUndefined();
});

describe('sharing', () => {
  it('two commands use one server, and the last one to release it stops it', async () => {
    const one = await attach();
    const two = await attach();
    expect(two.address).toBe(one.address);
    expect(two.uiUrl).toBe(one.uiUrl);
    const { pid } = status();
    expect(status().users).toBe(2);
    expect((await fetch(one.uiUrl)).status).toBe(200);

    await one.release();
    expect(runs(pid)).toBe(true);
    await withClient(two, ({ workflowService }) =>
      workflowService.describeNamespace({ namespace: two.namespace }),
    );

    await two.release();
    expect(runs(pid)).toBe(false);
    expect(readDevServerStatus(stateDir)).toBeUndefined();
  });

  it('several processes that start at the same moment use one server, and leave none', async () => {
    const all = await Promise.all([otherUser(), otherUser(), otherUser(), otherUser()]);
    expect(new Set(all.map(({ address }) => address)).size).toBe(1);
    expect(status().users).toBe(4);
    const { pid } = status();
    await Promise.all(all.map((user) => user.release()));
    expect(runs(pid)).toBe(false);
  });

  it('a command that comes while the server is being stopped starts it again', async () => {
    const one = await attach();
    const before = status().pid;
    const [two] = await Promise.all([attach(), one.release()]);
    await withClient(two, ({ workflowService }) =>
      workflowService.describeNamespace({ namespace: two.namespace }),
    );
    expect(two.address).toBe(one.address);
    expect(status().users).toBe(1);
    // Whichever was first, no second server was started beside a living one.
    expect(status().pid === before || !runs(before)).toBe(true);
  });

  it('a command that has no open run at the moment keeps the server', async () => {
    const idle = await otherUser();
    const { pid } = status();
    for (let round = 0; round < 3; round++) await (await attach()).release();
    expect(status().pid).toBe(pid);
    await idle.release();
    expect(runs(pid)).toBe(false);
  });

  it('the folder is 0700, its files are 0600', async () => {
    await attach({ emulator: true });
    const mode = (path: string): string => (statSync(path).mode & 0o777).toString(8);
    expect(mode(stateDir)).toBe('700');
    // A journal exists only for a moment.
    const files = readdirSync(stateDir, { withFileTypes: true }).filter(
      ({ name }) => !name.endsWith('-journal'),
    );
    expect(files.map(({ name }) => name)).toContainEqual(expect.stringMatching(/^temporal-.*\.db$/));
    const modes = files.map((file) => [file.name, mode(join(stateDir, file.name))]);
    expect(modes).toEqual(files.map((file) => [file.name, file.isDirectory() ? '700' : '600']));
  });

  it.skipIf(process.platform !== 'linux')('another machine can reach no socket (needs /proc)', async () => {
    await attach({ emulator: true });
    const { pid, emulatorPid } = status();
    expect(listensOn(pid)).toEqual(['127.0.0.1']);
    expect(listensOn(emulatorPid ?? 0)).toEqual(['127.0.0.1']);
  });
});

describe('an open run', () => {
  it('keeps the server when the last command releases it; the command after the run stops the server', async () => {
    const first = await attach();
    await startRun(first, 'open');
    // Visibility is eventually consistent; a command follows its run for much longer than this.
    await withClient(first, ({ workflow }) =>
      expect.poll(async () => (await workflow.count("ExecutionStatus = 'Running'")).count).toBe(1),
    );
    const { pid } = status();
    await first.release();
    expect(status()).toMatchObject({ pid, users: 0 });

    const second = await attach();
    expect(second.address).toBe(first.address);
    await withClient(second, ({ workflow }) => workflow.getHandle('open').terminate());
    // At once: the list of runs may still contain this one.
    await second.release();
    expect(runs(pid)).toBe(false);
  });

  it('and its addresses survive a restart', async () => {
    const first = await attach();
    await startRun(first, 'kept');
    killDevServer(stateDir);
    await expect(first.lost).rejects.toThrow(/Temporal's dev server \(process \d+\) has ended/);
    const second = await attach();
    expect(second.address).toBe(first.address);
    expect(second.uiUrl).toBe(first.uiUrl);
    const description = await withClient(second, ({ workflow }) => workflow.getHandle('kept').describe());
    expect(description.status.name).toBe('RUNNING');
  });
});

describe('the emulator', () => {
  const list = (server: DevServer) => fetch(`${server.emulatorUrl}/v1beta/files?key=any`);

  it('is started when the first command needs it, shared, and stopped with the server; its port stays', async () => {
    const plain = await attach();
    expect(plain.emulatorUrl).toBeUndefined();
    expect(status().emulatorPid).toBeUndefined();
    const [one, two] = await Promise.all([attach({ emulator: true }), attach({ emulator: true })]);
    expect(two.emulatorUrl).toBe(one.emulatorUrl);
    expect((await list(one)).status).toBe(200);
    const { emulatorPid = 0 } = status();
    await Promise.all([plain, one, two].map((server) => server.release()));
    expect(runs(emulatorPid)).toBe(false);
    expect((await attach({ emulator: true })).emulatorUrl).toBe(one.emulatorUrl);
  });

  it('keeps an upload session when the command that opened it is killed', async () => {
    const user = await otherUser();
    const server = await attach({ emulator: true });
    const start = await fetch(`${server.emulatorUrl}/upload/v1beta/files?key=any`, {
      method: 'POST',
      headers: {
        'X-Goog-Upload-Protocol': 'resumable',
        'X-Goog-Upload-Command': 'start',
        'X-Goog-Upload-Header-Content-Length': '5',
        'X-Goog-Upload-Header-Content-Type': 'text/plain',
      },
      body: '{}',
    });
    const session = start.headers.get('x-goog-upload-url') ?? '';
    await kill(user);
    const again = await attach({ emulator: true });
    expect(again.emulatorUrl).toBe(server.emulatorUrl);
    const query = await fetch(session, { method: 'POST', headers: { 'X-Goog-Upload-Command': 'query' } });
    expect(query.headers.get('x-goog-upload-status')).toBe('active');
  });

  it('that does not start is an error with its log, and leaves no server', async () => {
    mkdirSync(stateDir, { recursive: true });
    writeFileSync(join(stateDir, 'emulator-files.json'), 'damaged');
    await expect(attach({ emulator: true })).rejects.toThrow(
      /emulator of the Gemini Files API ended \(exit 1\).*emulator-files\.json cannot be used/,
    );
    expect(readDevServerStatus(stateDir)).toBeUndefined();
  });

  it('that is killed is reported to the commands that use it, and started again for the next', async () => {
    const server = await attach({ emulator: true });
    process.kill(status().emulatorPid ?? 0, 'SIGKILL');
    await expect(server.lost).rejects.toThrow(
      /the emulator of the Gemini Files API \(process \d+\) has ended/,
    );
    expect((await list(await attach({ emulator: true }))).status).toBe(200);
  });
});

describe('a command that is done while another one holds the lock', () => {
  const failure = new MissingCredentialsError('no key');

  it.each([
    ['has its result', () => Promise.resolve('done'), { status: 'fulfilled', value: 'done' }],
    ['fails with its own error', () => Promise.reject(failure), { status: 'rejected', reason: failure }],
  ])('%s within seconds, and names that process', async (_, work, expected) => {
    for (const name of ['XDG_STATE_HOME', 'TEMPORAL_CLI']) vi.stubEnv(name, env[name]);
    const said: string[] = [];
    const output = { ...createOutput(true), say: (line: string) => void said.push(line) };
    using interrupt = installInterruptHandler();
    let other: ProcessMarker | undefined;
    try {
      const plan = { ...planCommand(), emulator: false };
      const elapsed = stopwatch();
      const [outcome] = await Promise.allSettled([
        withCommandContext<string>(plan, { output, interrupt }, () => {
          other = ProcessMarker.place(join(stateDir, 'lock'));
          return work();
        }),
      ]);
      expect(outcome).toEqual(expected);
      expect(elapsed()).toBeLessThan(15_000);
      expect(said.filter((line) => line.includes(`process ${process.pid}`))).toHaveLength(1);
      expect(status().users).toBe(0);
    } finally {
      other?.remove();
      vi.unstubAllEnvs();
    }
  });
});

describe('commands that are killed', () => {
  it('leave the server running, and the next command takes it over and stops it', async () => {
    const user = await otherUser();
    const { pid } = status();
    await kill(user);
    expect(status()).toMatchObject({ pid, users: 0 });
    const next = await attach();
    expect(next.address).toBe(user.address);
    expect(status().pid).toBe(pid);
    await next.release();
    expect(runs(pid)).toBe(false);
  });

  it('do not disturb the others', async () => {
    const user = await otherUser();
    const mine = await attach();
    const { pid } = status();
    await kill(user);
    expect((await attach()).address).toBe(mine.address);
    expect(status()).toMatchObject({ pid, users: 2 });
  });

  it('while the server starts, leave it to the next command', async () => {
    const user = await otherUser();
    const record = JSON.parse(readFileSync(join(stateDir, 'server.json'), 'utf8')) as {
      temporal: { pid: number };
    };
    await kill(user);
    // As if it did not answer yet: it continues while the next command waits.
    process.kill(record.temporal.pid, 'SIGSTOP');
    setTimeout(() => process.kill(record.temporal.pid, 'SIGCONT'), 1000);
    await attach();
    expect(status().pid).toBe(record.temporal.pid);
  });
});

describe('the state folder', () => {
  it('that is deleted while a command uses it is reported, and the command ends the servers', async () => {
    const server = await attach({ emulator: true });
    const { pid, emulatorPid = 0 } = status();
    rmSync(stateDir, { recursive: true, maxRetries: 5 });
    await expect(server.lost).rejects.toThrow(`its state folder ${stateDir} was deleted while it was in use`);
    await server.release();
    expect([runs(pid), runs(emulatorPid)]).toEqual([false, false]);
    expect(existsSync(stateDir)).toBe(false);
  });

  it('that is deleted and created again by another command is reported too', async () => {
    const server = await attach();
    const { pid } = status();
    rmSync(stateDir, { recursive: true, maxRetries: 5 });
    const other = await otherUser();
    await expect(server.lost).rejects.toThrow(/was deleted while it was in use/);
    await server.release();
    expect(runs(pid)).toBe(false);
    expect(status()).toMatchObject({ address: other.address, users: 1 });
  });

  it('that is deleted while no command uses its server: a new server is not disturbed by the old one', async () => {
    const user = await otherUser();
    const { pid } = status();
    await kill(user);
    rmSync(stateDir, { recursive: true, maxRetries: 5 });
    try {
      const server = await attach();
      for (let i = 0; i < 20; i++) await startRun(server, `run-${i}`);
      expect(status().pid).not.toBe(pid);
    } finally {
      process.kill(pid, 'SIGKILL');
    }
  });

  it('with the database of version 0.1.0 keeps its runs', async () => {
    const first = await attach();
    await startRun(first, 'old');
    killDevServer(stateDir);
    await expect(first.lost).rejects.toThrow();
    await first.release();
    const database = readdirSync(stateDir).find((name) => name.endsWith('.db')) ?? '';
    renameSync(join(stateDir, database), join(stateDir, 'temporal.db'));
    const description = await withClient(await attach(), ({ workflow }) =>
      workflow.getHandle('old').describe(),
    );
    expect(description.status.name).toBe('RUNNING');
  });

  it('that cannot be created is named', async () => {
    writeFileSync(stateDir, 'a file');
    await expect(attach()).rejects.toThrow(
      new RegExp(`The state folder ${stateDir} .*cannot be used.*XDG_STATE_HOME`),
    );
    rmSync(stateDir);
  });

  it('is not created when there is no home folder: the variable is named', async () => {
    vi.stubEnv('HOME', '');
    try {
      await expect(attachDevServer({ env: {} })).rejects.toThrow(/no home folder.*XDG_STATE_HOME/);
    } finally {
      vi.unstubAllEnvs();
    }
  });
});

describe('a record of earlier servers', () => {
  it.each([
    ['is garbage', '{"temporal": {"pid": 12'],
    ['is empty', ''],
    [
      'has process ids that would reach other processes',
      { temporal: { pid: -1, started: '1', port: 1, uiPort: 2 } },
    ],
    [
      // The system uses process ids again. This one runs, but is not a Temporal server.
      'names processes that are others now',
      {
        temporal: {
          pid: process.pid,
          started: '1',
          port: 1,
          uiPort: 2,
          cliVersion: '1.0.0',
          serverVersion: '1.0.0',
        },
        emulator: { pid: process.pid, started: '1', port: 3 },
      },
    ],
  ])('that %s does not keep a server from starting', async (_, content) => {
    writeRecord(content);
    const server = await attach({ emulator: true });
    await withClient(server, ({ workflowService }) => workflowService.getSystemInfo({}));
    expect(status().pid).not.toBe(process.pid);
  });

  it('that names a process which is about to end does not keep a server from starting', async () => {
    const child = spawn('sleep', ['1']);
    const pid = child.pid ?? 0;
    const versions = { cliVersion: '1.0.0', serverVersion: '1.0.0' };
    const [port, uiPort] = [await freePort(), await freePort()];
    writeRecord({ temporal: { pid, started: startOf(pid), port, uiPort, ...versions } });
    const server = await attach();
    await withClient(server, ({ workflowService }) => workflowService.getSystemInfo({}));
    expect(child.exitCode).toBe(0);
    expect(status().pid).not.toBe(pid);
  });

  it('holds the cluster id of the database, by which the next server is known before it writes that it listens', async () => {
    const recorded = () =>
      (
        JSON.parse(readFileSync(join(stateDir, 'server.json'), 'utf8')) as {
          temporal: { clusterId?: string };
        }
      ).temporal;
    const first = await attach();
    const { clusterId } = await withClient(first, ({ workflowService }) =>
      workflowService.getClusterInfo({}),
    );
    expect(recorded().clusterId).toBe(clusterId);
    await first.release();
    await (await attach()).release();
    // Of another database: what the server writes decides.
    writeRecord({ temporal: { ...recorded(), clusterId: 'another' } });
    await attach();
    expect(recorded().clusterId).toBe(clusterId);
  });

  it('whose port is taken now: another one is used', async () => {
    const first = await attach();
    await first.release();
    const other = createServer().listen(Number(first.address.split(':')[1]), '127.0.0.1');
    await once(other, 'listening');
    try {
      expect((await attach()).address).not.toBe(first.address);
    } finally {
      other.close();
    }
  });

  it('of a newer server: its database is refused, with what to do', async () => {
    await (await attach()).release();
    const record = JSON.parse(readFileSync(join(stateDir, 'server.json'), 'utf8')) as { temporal: object };
    writeRecord({
      ...record,
      temporal: { ...record.temporal, serverVersion: '99.1.0', cliVersion: '98.0.0' },
    });
    await expect(attach()).rejects.toThrow(
      /temporal-[\w-]+\.db was written by Temporal server 99\.1\.0, which is newer.*TEMPORAL_CLI/s,
    );
    expect(readDevServerStatus(stateDir)).toBeUndefined();
  });

  it('of a newer server whose database is gone: counts no more', async () => {
    const versions = { cliVersion: '98.0.0', serverVersion: '99.1.0' };
    writeRecord({
      temporal: { pid: process.pid, started: '1', port: 1, uiPort: 2, ...versions, clusterId: 'gone' },
    });
    await attach();
    expect(status().serverVersion).not.toBe('99.1.0');
  });

  it('of a newer server that never started: an older one starts', async () => {
    const env99 = { ...env, TEMPORAL_CLI: fakeCli(join(root, 'bad-temporal'), '98.0.0 (Server 99.1.0') };
    await expect(attach({ env: env99 })).rejects.toThrow(/before it answered/);
    await attach();
    expect(status().serverVersion).not.toBe('99.1.0');
  });

  it('of a newer server than "temporal" on PATH has: the CLI in the cache is used', async () => {
    await (await attach()).release();
    const cached = { ...env, TEMPORAL_CLI: undefined, XDG_CACHE_HOME: join(root, 'cache') };
    const path = cachedCli(cached, await pinnedVersion());
    mkdirSync(dirname(path), { recursive: true });
    symlinkSync(cli, path);
    const old = join(root, 'old');
    mkdirSync(old);
    fakeCli(join(old, 'temporal'), '0.1.0 (Server 0.2.0');
    await attach({ env: { ...cached, PATH: `${old}:${process.env.PATH}` } });
    expect(status().serverVersion).not.toBe('0.2.0');
  });

  it.each([
    ['1.33.0', '1.32.5', true],
    ['2.0.0', '1.99.0', true],
    ['1.32.9', '1.32.0', false],
    ['1.9.0', '1.32.0', false],
    ['1.32.0-rc1', '1.31.0', true],
    ['unknown', '1.32.0', false],
  ])('%s against %s: newer is %s', (a, b, newer) => {
    expect(isNewer(a, b)).toBe(newer);
  });
});

describe('a server that does not start', () => {
  it.each([
    [
      'damaged',
      'Error: sql schema version 9.9 is too new',
      /ended \(exit 1\) before it answered.*schema version 9\.9/,
    ],
    [
      'full disk',
      'Error: database or disk is full (13)',
      /ended \(exit 1\) before it answered.*disk is full/,
    ],
    [
      'port',
      'Error: listen tcp 127.0.0.1:1: bind: address already in use',
      /ended \(exit 1\).*address already in use/,
    ],
  ])('(%s) is an error with its log', async (_, output, message) => {
    const bad = fakeCli(join(root, 'bad-temporal'), '1.0.0 (Server 1.1.0', output);
    await expect(attach({ env: { ...env, TEMPORAL_CLI: bad } })).rejects.toThrow(message);
    expect(readDevServerStatus(stateDir)).toBeUndefined();
  });

  it('because a port was taken in the meantime is started again', async () => {
    const flag = join(root, 'was-started');
    const flaky = join(root, 'flaky-temporal');
    const lines = [
      '#!/bin/sh',
      `case "$*" in *--db-filename*) if [ ! -e ${flag} ]; then`,
      `touch ${flag}; echo "bind: address already in use" >&2; exit 1; fi;; esac`,
      `exec ${cli} "$@"`,
    ];
    writeFileSync(flaky, lines.join('\n'), { mode: 0o755 });
    const server = await attach({ env: { ...env, TEMPORAL_CLI: flaky } });
    expect(existsSync(flag)).toBe(true);
    await withClient(server, ({ workflowService }) => workflowService.getSystemInfo({}));
  });

  it('because another program listens on its port is started again, although that address answers', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const taken = (other.address() as AddressInfo).port;
    const ports = [taken, await freePort()];
    const attempts: number[] = [];
    // Its first start fails only after the other program has accepted a connection.
    const program = (port: number) =>
      port === taken
        ? "setTimeout(() => { console.error('address already in use'); process.exit(1); }, 300)"
        : `require('net').createServer().listen(${port}, '127.0.0.1', () => console.log('listening on ${port}'))`;
    const processes: ProcessId[] = [];
    try {
      await startService(() => {
        const port = ports[attempts.length] as number;
        attempts.push(port);
        return Promise.resolve({
          name: 'The service',
          command: process.execPath,
          args: ['-e', program(port)],
          env: process.env,
          log: join(root, 'service.log'),
          onSpawn: (started) => processes.push(started),
          untilReady: (signal) => untilOpen(port, signal).then(() => false),
          listening: new RegExp(`listening on ${port}\\b`),
        });
      });
      expect(attempts).toEqual(ports);
    } finally {
      other.close();
      for (const started of processes) await stopProcess(started, ['SIGKILL']);
    }
  });

  it.each([
    ['its answer proves that it is the service', true, 'ready'],
    ['it has to write that it listens', false, 'did not answer'],
  ])('is ready, or not, where %s', async (_, isProven, expected) => {
    const processes: ProcessId[] = [];
    const started = startService(() =>
      Promise.resolve({
        name: 'The service',
        command: process.execPath,
        args: ['-e', 'setInterval(() => {}, 1000)'],
        env: process.env,
        log: join(root, 'service.log'),
        onSpawn: (spawned) => processes.push(spawned),
        untilReady: () => Promise.resolve(isProven),
        listening: /never/,
      }),
    ).then(() => 'ready');
    const later = new Promise((resolve) => setTimeout(() => resolve('did not answer'), 1500));
    try {
      expect(await Promise.race([started, later])).toBe(expected);
    } finally {
      started.catch(() => undefined);
      for (const each of processes) await stopProcess(each, ['SIGKILL']);
    }
  });

  it('on a damaged database is an error that names the database', async () => {
    mkdirSync(stateDir, { recursive: true });
    writeFileSync(join(stateDir, 'temporal.db'), 'no database'.repeat(1000));
    await expect(attach()).rejects.toThrow(/temporal\.db is damaged, move it away/);
  });

  const canMount = process.platform === 'linux' && process.getuid?.() === 0;
  it.skipIf(!canMount)(
    'because the disk is full says so, and starts when there is room (mounts, as root)',
    async () => {
      mkdirSync(stateDir, { recursive: true });
      // Too small for the database, and then for any file.
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=300k', 'tmpfs', stateDir]);
      try {
        await expect(attach()).rejects.toThrow(
          /Temporal's dev server ended .*disk is full.*Make room on that disk, or set XDG_STATE_HOME/s,
        );
        const filler = join(stateDir, 'filler');
        expect(() => writeFileSync(filler, Buffer.alloc(400 * 1024))).toThrow(/ENOSPC/);
        await expect(attach()).rejects.toThrow(
          new RegExp(`The state folder ${stateDir} .*cannot be used: ENOSPC.*Make room`),
        );
        expect(readDevServerStatus(stateDir)).toBeUndefined();
        execFileSync('mount', ['-o', 'remount,size=20m', stateDir]);
        await (await attach()).release();
      } finally {
        // Lazily: a failure above may have left a server, which `afterEach` ends, and the failure is what has to be seen.
        execFileSync('umount', ['--lazy', stateDir]);
      }
    },
  );
});
