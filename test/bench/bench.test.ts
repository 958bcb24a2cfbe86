/** The short form of `npm run bench`: every program runs, every figure is there. The figures themselves are not judged here. */

import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';

const main = fileURLToPath(new URL('../../bench/main.js', import.meta.url));

interface Part {
  readonly limits: readonly { readonly name: string; readonly value: number; readonly met: boolean }[];
  readonly figures: Record<string, unknown>;
}

/** JSON has no NaN: a figure that could not be computed is null. */
function nulls(value: unknown, path = ''): string[] {
  if (value === null) return [path];
  if (typeof value !== 'object') return [];
  return Object.entries(value).flatMap(([key, inner]) => nulls(inner, `${path}.${key}`));
}

async function bench(part: string): Promise<{ report: Part; tables: string }> {
  const args = [main, part, '--short', '--json'];
  const { stdout, stderr } = await promisify(execFile)(process.execPath, args, { timeout: 170_000 });
  const report = (JSON.parse(stdout) as Record<string, Part>)[part];
  expect(report).toBeDefined();
  expect(nulls(report)).toEqual([]);
  return { report: report!, tables: stderr };
}

describe('npm run bench -- --short', () => {
  it('upload: each program sends the same file', async () => {
    const { report, tables } = await bench('upload');
    const runs = report.figures['runs'] as Record<string, { ms: number }[]>;
    expect(Object.keys(runs)).toEqual(['ceiling', 'floor', 'floor64', 'genai', 'plain', 'ours']);
    for (const list of Object.values(runs)) expect(list.map(({ ms }) => ms > 0)).toEqual([true]);
    expect(tables).toMatch(/\| this package, upload activity +\|/);
    expect(tables).toMatch(/\| Eight uploads of \d+ MiB at once +\|/);
  });

  it('latency: the way to the first byte has all its stages', async () => {
    const { report } = await bench('latency');
    const [spawned] = report.figures['firstByte'] as { stages: number[]; total: number }[];
    expect(spawned?.stages).toHaveLength(5);
    expect(spawned?.stages.every((ms) => ms >= 0)).toBe(true);
    expect(spawned?.stages.reduce((sum, ms) => sum + ms, 0)).toBeCloseTo(spawned?.total ?? 0, 3);
  });

  for (const part of ['load', 'pollers'])
    it(`${part}: all complete, and none is uploaded twice`, async () => {
      const { report } = await bench(part);
      const named = Object.fromEntries(report.limits.map((limit) => [limit.name, limit]));
      expect(named['waits that did not complete']).toMatchObject({ value: 0, met: true });
      expect(named['files uploaded more than once']).toMatchObject({ value: 0, met: true });
    });

  it('memory: one worker has all waits, and its cache no more than it may', async () => {
    const { report } = await bench('memory');
    const measured = report.figures as unknown as { open: number; cached: number; givesBack: boolean }[];
    expect(measured.map(({ open, cached }) => [open, cached])).toEqual([
      [10, 2],
      [30, 2],
    ]);
    const { name } = report.limits.find((limit) => limit.name.startsWith('growth')) ?? {};
    expect(name).toBe('growth with 30 open waits ÷ with 10, with a cache of 2');
  });

  it('distance: each program sends the same file over a line with TLS', async () => {
    const { report, tables } = await bench('distance');
    const [point] = report.figures['points'] as { runs: Record<string, { ms: number }[]> }[];
    expect(Object.keys(point?.runs ?? {})).toEqual(['floor', 'genai', 'ours']);
    // At 1 Gbit/s, 8 MiB take 67 ms; the handshakes of TCP and TLS, the start and the answer take four round trips of 20 ms.
    for (const [run] of Object.values(point?.runs ?? {})) expect(run?.ms).toBeGreaterThan(67 + 4 * 20);
    expect(tables).toMatch(/\| 8 s each at the measured speed +\|/);
  });

  it('tls: processor time and memory of each program', async () => {
    const { report } = await bench('tls');
    const runs = report.figures['runs'] as Record<string, { cpuMs: number; peakRss: number }[]>;
    expect(Object.keys(runs)).toEqual(['floor', 'genai', 'ours']);
    for (const [run] of Object.values(runs)) expect(run?.cpuMs).toBeGreaterThan(0);
  });

  it('breaks: the package goes on after each, and the SDK fails', async () => {
    const { report } = await bench('breaks');
    const runs = report.figures['runs'] as Record<string, { ended: boolean; resets: number }[]>;
    expect(runs['unbroken']).toMatchObject([{ ended: true, resets: 0 }]);
    expect(runs['granular']).toMatchObject([{ ended: true, resets: 1 }]);
    expect(runs['genai']).toMatchObject([{ ended: false, resets: 1 }]);
  });

  it('long: heartbeats of two hours, and a wait on the time-skipping server', async () => {
    const { report } = await bench('long');
    const named = Object.fromEntries(report.limits.map((limit) => [limit.name, limit]));
    expect(named['heartbeats of a long upload ÷ those of 0.1.0']).toMatchObject({ met: true });
    expect(named['a cancellation is noticed after at most, s']).toMatchObject({ met: true });
  });

  it('cost: a wait of 3 s is two checks of 11 events each', async () => {
    const { report } = await bench('cost');
    const waits = report.figures['waits'] as { title: string; ms: number; checks: number; events: number }[];
    const ours = waits.find(({ title, ms }) => title.startsWith('this package, defaults') && ms === 3000);
    // 11 for the start, the upload and the end, and 11 a check.
    expect(ours).toMatchObject({ checks: 2, events: 33, timers: 2, activities: 3, actions: 6, requests: 4 });
  });
});
