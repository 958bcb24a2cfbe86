/** What a process has taken since its start, by Linux's account. */
import { readFile } from 'node:fs/promises';
import { run } from './processes.js';

const KIB = 1024;
const ticksPerSecond = run('getconf', ['CLK_TCK']).then(Number);

/** @returns `{cpuSeconds, peakRss}`, the latter in bytes */
export async function usageOf(pid) {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
  // The name of the program, in parentheses, may contain spaces.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [user, system] = [Number(fields[11]), Number(fields[12])];
  const [, peakKib] = /VmHWM:\s+(\d+)/.exec(await readFile(`/proc/${pid}/status`, 'utf8'));
  return { cpuSeconds: (user + system) / (await ticksPerSecond), peakRss: Number(peakKib) * KIB };
}
