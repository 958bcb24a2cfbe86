/** The short form of `npm run bench`: every program runs, every figure is there. The figures themselves are not judged here. */

import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { slowIt } from '../support/slow.js';

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
  slowIt('upload: each program sends the same file', async () => {
    const { report, tables } = await bench('upload');
    const runs = report.figures['runs'] as Record<string, { ms: number }[]>;
    expect(Object.keys(runs)).toEqual(['ceiling', 'floor', 'floor64', 'genai', 'plain', 'ours']);
    for (const list of Object.values(runs)) expect(list.map(({ ms }) => ms > 0)).toEqual([true]);
    expect(tables).toMatch(/\| this package, upload activity +\|/);
    expect(tables).toMatch(/\| Eight uploads of \d+ MiB at once +\|/);
  });

  slowIt('latency: the way to the first byte has all its stages', async () => {
    const { report } = await bench('latency');
    const [spawned] = report.figures['firstByte'] as { stages: number[]; total: number }[];
    expect(spawned?.stages).toHaveLength(5);
    expect(spawned?.stages.every((ms) => ms >= 0)).toBe(true);
    expect(spawned?.stages.reduce((sum, ms) => sum + ms, 0)).toBeCloseTo(spawned?.total ?? 0, 3);
  });

  slowIt('load: all complete, and none is uploaded twice', async () => {
    const { report } = await bench('load');
    const named = Object.fromEntries(report.limits.map((limit) => [limit.name, limit]));
    expect(named['waits that did not complete']).toMatchObject({ value: 0, met: true });
    expect(named['files uploaded more than once']).toMatchObject({ value: 0, met: true });
  });

  it('cost: a wait of 3 s is two checks of 11 events each', async () => {
    const { report } = await bench('cost');
    const waits = report.figures['waits'] as { title: string; ms: number; checks: number; events: number }[];
    const ours = waits.find(({ title, ms }) => title.startsWith('this package, defaults') && ms === 3000);
    // 11 for the start, the upload and the end, and 11 a check.
    expect(ours).toMatchObject({ checks: 2, events: 33, timers: 2, activities: 3, actions: 6, requests: 4 });
  });
}, 180_000);
