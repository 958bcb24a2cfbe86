/** The command line tool as processes, as a user runs it: on the build, in folders of the test's own. */

import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { inject } from 'vitest';

const MAIN = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));

export interface CliEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
  /** stdout as JSON. */
  json<T = Record<string, unknown>>(): T;
}

export interface CliProcess {
  readonly child: ChildProcess;
  readonly ended: Promise<CliEnd>;
  /** Resolves with the match when stderr has it; rejects if the process ends without it. */
  stderr(pattern: RegExp): Promise<RegExpExecArray>;
  stdout(pattern: RegExp): Promise<RegExpExecArray>;
}

export interface CliHome extends AsyncDisposable {
  readonly path: string;
  readonly stateDir: string;
  readonly env: NodeJS.ProcessEnv;
  file(name: string, content: string | Uint8Array): Promise<string>;
  start(args: readonly string[], options?: StartOptions): CliProcess;
  run(args: readonly string[], options?: StartOptions): Promise<CliEnd>;
}

export interface StartOptions {
  readonly env?: Record<string, string | undefined>;
  /** Put before `node`, such as `setpriv …`. */
  readonly prefix?: readonly string[];
  readonly cwd?: string;
  /** In place of the tool's own main script. */
  readonly script?: string;
}

/** An environment in which nothing is configured. */
export async function cliHome(settings: Record<string, string> = {}): Promise<CliHome> {
  const path = await mkdtemp(join(tmpdir(), 'gemini-files-cli-'));
  const foreign = /^(TEMPORAL_|GEMINI_|GOOGLE_|VITEST|NODE_OPTIONS$|NO_COLOR$|FORCE_COLOR$|npm_command$)/;
  const env: NodeJS.ProcessEnv = {
    ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !foreign.test(name))),
    XDG_STATE_HOME: join(path, 'state'),
    XDG_CONFIG_HOME: join(path, 'config'),
    TEMPORAL_CLI: inject('temporalCli'),
    ...settings,
  };
  const running = new Set<CliProcess>();
  const start = (args: readonly string[], options: StartOptions = {}): CliProcess => {
    const [command = '', ...rest] = [
      ...(options.prefix ?? []),
      process.execPath,
      options.script ?? MAIN,
      ...args,
    ];
    const child = spawn(command, rest, {
      cwd: options.cwd ?? path,
      env: { ...env, ...options.env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const process_ = watch(child);
    running.add(process_);
    void process_.ended.then(() => running.delete(process_));
    return process_;
  };
  return {
    path,
    stateDir: join(path, 'state', 'temporal-gemini-files'),
    env,
    start,
    run: (args, options) => start(args, options).ended,
    file: async (name, content) => {
      await writeFile(join(path, name), content);
      return join(path, name);
    },
    [Symbol.asyncDispose]: async () => {
      for (const { child } of running) child.kill('SIGKILL');
      await Promise.all([...running].map(({ ended }) => ended));
      await rm(path, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

function watch(child: ChildProcess): CliProcess {
  const text = { stdout: '', stderr: '' };
  const listeners = new Set<() => void>();
  let closed = false;
  for (const name of ['stdout', 'stderr'] as const) {
    child[name]?.setEncoding('utf8').on('data', (chunk: string) => {
      text[name] += chunk;
      for (const look of [...listeners]) look();
    });
  }
  const ended = new Promise<CliEnd>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => {
      closed = true;
      for (const look of [...listeners]) look();
      resolve({ code, signal, ...text, json: () => JSON.parse(text.stdout) as never });
    });
  });
  const until = (name: 'stdout' | 'stderr', pattern: RegExp) =>
    new Promise<RegExpExecArray>((resolve, reject) => {
      const look = () => {
        const found = pattern.exec(text[name]);
        if (!found && !closed) return;
        listeners.delete(look);
        if (found) resolve(found);
        else reject(new Error(`ended without ${pattern} on ${name}: ${text.stdout}${text.stderr}`));
      };
      listeners.add(look);
      look();
    });
  return {
    child,
    ended,
    stderr: (pattern) => until('stderr', pattern),
    stdout: (pattern) => until('stdout', pattern),
  };
}
