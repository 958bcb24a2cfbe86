/** Whether a process runs. */

import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { afterEach, expect, it, vi } from 'vitest';
import { startOf, stopProcess } from '../../src/util/process-id.js';

let child: ChildProcess | undefined;

afterEach(() => {
  child?.kill('SIGKILL');
  vi.restoreAllMocks();
});

/** The first thread of the process ends; the second one goes on. The kernel shows the process as a zombie then. */
const FIRST_THREAD_ENDS = `
import ctypes, sys, threading, time
threading.Thread(target=time.sleep, args=(600,)).start()
print("ready", flush=True)
ctypes.CDLL(None).pthread_exit(None)
`;

const stateOf = (pid: number): string => readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.[0] ?? '';

it.skipIf(process.platform !== 'linux')('a process runs until its last thread has ended', async () => {
  child = spawn('python3', ['-c', FIRST_THREAD_ENDS], { stdio: ['ignore', 'pipe', 'inherit'] });
  const { pid = 0, stdout } = child;
  if (stdout) await once(stdout, 'data');
  await expect.poll(() => stateOf(pid)).toBe('Z');
  const started = startOf(pid);
  expect(started).toMatch(/^\d+$/);
  const ended = once(child, 'exit');
  await stopProcess({ pid, started: started ?? '' });
  await ended;
  expect(startOf(pid)).toBeUndefined();
});

it('a process that ignores a signal gets the next one, although the wall clock was set back', async () => {
  const ignores = 'process.on("SIGTERM", () => {}); setInterval(() => {}, 1000); console.log("ready")';
  child = spawn(process.execPath, ['-e', ignores], { stdio: ['ignore', 'pipe', 'inherit'] });
  const { pid = 0, stdout } = child;
  if (stdout) await once(stdout, 'data');
  const ended = once(child, 'exit');
  let monotonicMs = 0;
  vi.spyOn(performance, 'now').mockImplementation(() => (monotonicMs += 1000));
  vi.spyOn(Date, 'now').mockReturnValue(0);
  await stopProcess({ pid, started: startOf(pid) ?? '' });
  expect(await ended).toEqual([null, 'SIGKILL']);
});

it('no process has no start', () => {
  expect(startOf(2 ** 30)).toBeUndefined();
});
