/** The plan of `npm run chaos`: the same for the same seed, and such that its parts do not undo each other. */

import { describe, expect, it } from 'vitest';

interface Event {
  readonly atMs: number;
  readonly kind: string;
  readonly worker?: string;
  readonly forMs?: number;
  readonly fault?: { readonly on: string; readonly do: string };
}
interface Kill {
  readonly atMs: number;
  readonly victim: string;
}
interface Plan {
  readonly runs: readonly object[];
  readonly faults: readonly object[];
  readonly kills: readonly Kill[];
  readonly spanMs: number;
  readonly events: readonly Event[];
  readonly clocks: Readonly<Record<string, readonly number[]>>;
}
interface Scripts {
  makePlan: (options: object) => Omit<Plan, 'events' | 'clocks'>;
  planDisturbances: (options: object) => Pick<Plan, 'events' | 'clocks' | 'kills'>;
  leaveOut: (plan: Plan, kinds: readonly string[]) => Plan;
  KINDS: readonly string[];
}

// JavaScript without types, as the scripts are.
const load = async (name: string) =>
  (await import(new URL(`../../scripts/chaos/${name}`, import.meta.url).href)) as Scripts;
const { makePlan } = await load('plan.js');
const { planDisturbances, leaveOut, KINDS } = await load('disturbances.js');

function planOf(seed: number, workflows = 500, kills = 80): Plan {
  const base = makePlan({ workflows, kills, seed, msPerWorkflow: 500, msPerKill: 3000 });
  return { ...base, ...planDisturbances({ workflows, seed, ...base }) };
}

const EVENTS = [
  'partition',
  'activityReset',
  'workflowReset',
  'termination',
  'sweep',
  'slowUpload',
  'slowFinalize',
  'lateFile',
  'intermediary',
];
const SEEDS = [1, 7, 11, 20261125];

it('is the same for the same seed, and another for another', () => {
  expect(planOf(7)).toEqual(planOf(7));
  expect(planOf(7).events).not.toEqual(planOf(8).events);
});

it.each([16, 100, 500])('has each kind of disturbance for %i workflows', (workflows) => {
  const { events, clocks } = planOf(3, workflows, 4);
  expect([...new Set(events.map(({ kind }) => kind))].sort()).toEqual([...EVENTS].sort());
  expect(
    Object.values(clocks)
      .flat()
      .some((ms) => ms !== 0),
  ).toBe(true);
});

it.each(SEEDS)('cuts a worker off once at a time (seed %i)', (seed) => {
  const partitions = planOf(seed).events.filter(({ kind }) => kind === 'partition');
  for (const worker of ['worker-0', 'worker-1']) {
    const its = partitions.filter((partition) => partition.worker === worker);
    expect(its.length).toBeGreaterThan(0);
    its.slice(1).forEach(({ atMs }, index) => {
      const before = its[index] as Required<Event>;
      expect(atMs).toBeGreaterThan(before.atMs + before.forMs);
    });
  }
  // Some longer than the heartbeat timeout, some shorter.
  expect(partitions.some(({ forMs = 0 }) => forMs > 11_000)).toBe(true);
  expect(partitions.some(({ forMs = 0 }) => forMs < 10_000)).toBe(true);
});

it.each(SEEDS)('kills as often as asked, and mostly what is not cut off (seed %i)', (seed) => {
  const { kills, events, spanMs } = planOf(seed);
  expect(kills).toHaveLength(80);
  expect(kills.every(({ atMs }) => atMs >= 0 && atMs <= spanMs)).toBe(true);
  for (const victim of ['worker-0', 'worker-1', 'server'])
    expect(kills.filter((kill) => kill.victim === victim).length).toBeGreaterThan(80 / 10);
  const cutOff = kills.filter(({ atMs, victim }) =>
    events.some(
      ({ worker, atMs: from, forMs = 0 }) => worker === victim && atMs >= from && atMs <= from + forMs,
    ),
  );
  expect(cutOff.length).toBeLessThan(80 / 2);
});

it('leaves the runs of a seed as they are', () => {
  const { runs } = planOf(7);
  expect(makePlan({ workflows: 500, kills: 80, seed: 7, msPerWorkflow: 500, msPerKill: 3000 }).runs).toEqual(
    runs,
  );
});

describe('leaving out', () => {
  it.each(EVENTS)('%s takes that kind away, and nothing else', (kind) => {
    const plan = planOf(7);
    expect(KINDS).toContain(kind);
    const events = plan.events.filter((event) => event.kind !== kind);
    expect(events.length).toBeLessThan(plan.events.length);
    expect(leaveOut(plan, [kind])).toEqual({ ...plan, events });
  });

  it('clocks and network faults too', () => {
    const { clocks, faults } = leaveOut(planOf(7), ['clocks', 'faults']);
    expect(clocks).toEqual({ 'worker-0': [0], 'worker-1': [0], 'worker-2': [0] });
    expect(faults).toEqual([]);
  });
});
