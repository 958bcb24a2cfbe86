import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { startOf } from '../../src/util/process-id.js';
import { withProcessLock } from '../../src/util/process-lock.js';
import { livingMarkers, ProcessMarker } from '../../src/util/process-marker.js';

let root: string;
let folder: string;
const children: ChildProcess[] = [];
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'process-lock-'));
  folder = join(root, 'lock');
});
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  rmSync(root, { recursive: true, force: true });
});

/** A process that imports the built lock and runs `code`. */
function otherProcess(code: string): ChildProcess {
  const module = new URL('../../dist/util/process-lock.js', import.meta.url).href;
  const program = `
    import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
    const { withProcessLock } = await import(${JSON.stringify(module)});
    const folder = ${JSON.stringify(folder)};
    ${code}`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  children.push(child);
  return child;
}

const holdForever = () =>
  otherProcess(`await withProcessLock(folder, 5000, async () => {
    process.send('held');
    await new Promise(() => setInterval(() => {}, 1000));
  });`);

describe('the lock', () => {
  it('is held by one process at a time: no increment of a shared counter is lost', async () => {
    const counter = join(root, 'counter');
    writeFileSync(counter, '0');
    const code = `for (let i = 0; i < 10; i++)
      await withProcessLock(folder, 60_000, async () => {
        const value = Number(readFileSync(${JSON.stringify(counter)}, 'utf8'));
        await new Promise(setImmediate);
        writeFileSync(${JSON.stringify(counter)}, String(value + 1));
      });
      process.exit();`;
    const ends = await Promise.all([1, 2, 3, 4].map(() => once(otherProcess(code), 'exit')));
    expect(ends.map(([exit]) => exit as number)).toEqual([0, 0, 0, 0]);
    const { readFileSync } = await import('node:fs');
    expect(readFileSync(counter, 'utf8')).toBe('40');
  });

  it('is free again when its holder is killed', async () => {
    const holder = holdForever();
    await once(holder, 'message');
    await expect(withProcessLock(folder, 100, () => Promise.resolve())).rejects.toMatchObject({
      name: 'ProcessLockError',
      pids: [String(holder.pid)],
    });
    holder.kill('SIGKILL');
    await once(holder, 'exit');
    expect(await withProcessLock(folder, 5000, () => Promise.resolve('mine'))).toBe('mine');
    expect(readdirSync(folder)).toEqual([]);
  });

  it('is not taken from a holder that is suspended', async () => {
    const holder = holdForever();
    await once(holder, 'message');
    holder.kill('SIGSTOP');
    await expect(withProcessLock(folder, 500, () => Promise.resolve())).rejects.toThrow(
      `The lock is held by process ${holder.pid}`,
    );
  });

  it('is waited for no longer if the wall clock is set back', async () => {
    vi.spyOn(Date, 'now').mockReturnValue(0);
    let release = () => undefined as void;
    try {
      const first = withProcessLock(folder, 5000, () => new Promise<void>((resolve) => (release = resolve)));
      await expect(withProcessLock(folder, 100, () => Promise.resolve())).rejects.toThrow('The lock is held');
      release();
      await first;
    } finally {
      vi.restoreAllMocks();
    }
  });

  it('is released when the work fails', async () => {
    await expect(withProcessLock(folder, 100, () => Promise.reject(new Error('failed')))).rejects.toThrow(
      'failed',
    );
    expect(await withProcessLock(folder, 100, () => Promise.resolve(1))).toBe(1);
  });

  it('is given to each of several callers in one process, one after the other', async () => {
    let inside = 0;
    let most = 0;
    const work = async () => {
      most = Math.max(most, ++inside);
      await new Promise(setImmediate);
      inside--;
    };
    await Promise.all(Array.from({ length: 8 }, () => withProcessLock(folder, 30_000, work)));
    expect(most).toBe(1);
  });
});

describe('a marker', () => {
  it('of another start of the same process id does not count and is removed; other files are ignored', () => {
    mkdirSync(folder);
    writeFileSync(join(folder, `${process.pid}_1_abc`), '');
    writeFileSync(join(folder, `${2 ** 22 - 1}_1_abc`), '');
    writeFileSync(join(folder, 'notes.txt'), '');
    const mine = ProcessMarker.place(folder);
    expect(livingMarkers(folder)).toEqual([mine.name]);
    expect(readdirSync(folder).sort()).toEqual([mine.name, 'notes.txt'].sort());
    mine.remove();
    expect(livingMarkers(folder)).toEqual([]);
  });

  it('of a process that has ended, but that its parent has not waited for, does not count', async () => {
    // The shell's child ends at once, and sleep, which replaces the shell, never waits for it.
    const parent = spawn('sh', ['-c', 'sh -c "echo \\$\\$" & exec sleep 60'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    children.push(parent);
    const [text] = (await once(parent.stdout, 'data')) as [Buffer];
    await expect.poll(() => startOf(Number(String(text)))).toBeUndefined();
  });
});
