/** The whole plan of `npm run chaos`: which workflows are holds, and which files come from the https host. */

import { expect, it } from 'vitest';

interface Step {
  readonly do: string;
  readonly afterMs: number;
  readonly forMs?: number;
}
interface Run {
  readonly sizeBytes: number;
  readonly renewBeforeMs: number;
  readonly leases: readonly { readonly id: string; readonly steps: readonly Step[] }[];
  readonly source?: {
    readonly faults: readonly { readonly do: string }[];
    readonly change?: { readonly afterBytes: number };
  };
}
interface Plan {
  readonly runs: readonly Run[];
  readonly holds: readonly Run[];
}

// JavaScript without types, as the scripts are.
const load = (name: string): Promise<unknown> =>
  import(new URL(`../../scripts/chaos/${name}`, import.meta.url).href);
const { wholePlan } = (await load('whole-plan.js')) as {
  wholePlan: (options: object, leftOut: readonly string[]) => Plan;
};
const { RETENTION_MS } = (await load('hold-plan.js')) as { RETENTION_MS: number };
const { chunksOf, sha256Of } = (await load('content.js')) as {
  chunksOf: (content: object, from?: number, to?: number) => Iterable<Buffer>;
  sha256Of: (content: object) => string;
};

const plan = wholePlan({ workflows: 300, kills: 50, seed: 7 }, []);
const all = [...plan.runs, ...plan.holds];

it('is the same for the same seed, and another for another', () => {
  expect(wholePlan({ workflows: 300, kills: 50, seed: 7 }, [])).toEqual(plan);
  expect(wholePlan({ workflows: 300, kills: 50, seed: 8 }, []).holds).not.toEqual(plan.holds);
});

it('takes a third of the files, of uploads and of holds, from a host that breaks, refuses and changes', () => {
  const sources = all.flatMap(({ source }) => source ?? []);
  expect(sources.length).toBeGreaterThan(75);
  expect(sources.length).toBeLessThan(125);
  expect(plan.holds.some(({ source }) => source)).toBe(true);
  expect(new Set(sources.flatMap(({ faults }) => faults.map((fault) => fault.do)))).toEqual(
    new Set(['break', 'reset', 'answer503', 'delay']),
  );
  expect(sources.filter(({ change }) => change).length).toBeGreaterThan(5);
  for (const { source, sizeBytes } of all)
    expect(source?.change?.afterBytes ?? 0).toBeLessThanOrEqual(sizeBytes);
});

it('makes a fifth of the workflows holds: some last to the end, some end, and files are renewed in seconds', () => {
  expect(plan.holds).toHaveLength(60);
  const lasts = ({ steps }: Run['leases'][number]) =>
    (steps[0]?.forMs ?? 0) >= 3_600_000 && !steps.some((step) => step.do === 'release');
  const kept = plan.holds.filter(({ leases }) => leases.some(lasts));
  expect(kept.length).toBeGreaterThan(10);
  expect(kept.length).toBeLessThan(50);
  for (const { renewBeforeMs, leases } of plan.holds) {
    expect(RETENTION_MS - renewBeforeMs).toBeGreaterThanOrEqual(4000);
    expect(RETENTION_MS - renewBeforeMs).toBeLessThanOrEqual(110_000);
    for (const { steps } of leases) {
      expect(steps[0]?.do).toBe('acquire');
      const times = steps.map(({ afterMs }) => afterMs);
      expect(times).toEqual([...times].sort((a, b) => a - b));
    }
  }
});

it('can make any part of a file anew, and no version has the hash of another', () => {
  const content = { index: 3, sizeBytes: 1_000_000 };
  const bytes = (from?: number, to?: number) => Buffer.concat([...chunksOf(content, from, to)]);
  expect(bytes().length).toBe(1_000_000);
  expect(bytes(300_001, 900_007)).toEqual(bytes().subarray(300_001, 900_007));
  const hashes = [content, { ...content, version: 2 }, { ...content, index: 4 }].map(sha256Of);
  expect(new Set(hashes).size).toBe(3);
});
