/** A worker that has ended is named by Temporal for five minutes. Temporal's clock and this machine's may differ. */

import type { WorkflowService } from '@temporalio/client';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { freshPollers, type SeenPollers } from '../../src/cli/pollers.js';

const MINUTE = 60_000;
const SERVER = Date.UTC(2026, 0, 1);

/** The pollers that the server names: the identity of each, and when it polled last, milliseconds before the server's `SERVER`. */
type Polls = readonly (readonly [string, number | undefined])[];

const naming = (polls: () => Polls) =>
  ({
    describeTaskQueue: () =>
      Promise.resolve({
        pollers: polls().map(([identity, agoMs]) => ({
          identity,
          ...(agoMs !== undefined && {
            lastAccessTime: {
              seconds: Math.floor((SERVER - agoMs) / 1000),
              nanos: ((SERVER - agoMs) % 1000) * 1e6,
            },
          }),
        })),
      }),
  }) as unknown as WorkflowService;

let monotonicMs: number;
beforeEach(() => {
  monotonicMs = 1000;
  vi.spyOn(performance, 'now').mockImplementation(() => monotonicMs);
});
afterEach(() => vi.restoreAllMocks());

describe('in a single look', () => {
  it.each<[Polls, string[]]>([
    [[], []],
    [[['a', undefined]], []],
    [
      [
        ['a', MINUTE],
        ['b', 1000],
      ],
      ['a', 'b'],
    ],
    [
      [
        ['a', 4 * MINUTE],
        ['b', 1000],
      ],
      ['b'],
    ],
    // How long ago that was, only the server knows.
    [[['a', 4 * MINUTE]], ['a']],
    // As two partitions of the queue name it.
    [
      [
        ['a', 1000],
        ['a', 4 * MINUTE],
        ['b', 1000],
      ],
      ['a', 'b'],
    ],
  ])('of the polls %j, those of %j are fresh', async (polls, fresh) => {
    expect(
      await freshPollers(
        naming(() => polls),
        'default',
        'queue',
      ),
    ).toEqual(fresh);
  });

  it('a later time of the server counts', async () => {
    const look = (serverMs: number) =>
      freshPollers(
        naming(() => [['a', 4 * MINUTE]]),
        'default',
        'queue',
        'workflows',
        { serverMs },
      );
    expect(await look(SERVER - 2 * MINUTE)).toEqual(['a']);
    expect(await look(SERVER - 2 * MINUTE + 1)).toEqual([]);
  });
});

describe('in look after look', () => {
  const looking = (polls: () => Polls) => {
    const seen: SeenPollers = new Map();
    return (tasks: 'workflows' | 'activities' = 'workflows') =>
      freshPollers(naming(polls), 'default', 'queue', tasks, { seen });
  };

  it('a worker polls whose time grows, however far the clocks are from each other', async () => {
    let agoMs = 10 * MINUTE;
    const look = looking(() => [['a', agoMs]]);
    for (let looks = 0; looks < 20; looks++) {
      expect(await look()).toEqual(['a']);
      agoMs -= MINUTE;
      monotonicMs += MINUTE;
    }
  });

  it('a worker whose time has stood still for two minutes does not poll, until its time changes', async () => {
    let agoMs = 0.5;
    const look = looking(() => [['a', agoMs]]);
    expect(await look()).toEqual(['a']);
    monotonicMs += MINUTE;
    expect(await look('activities')).toEqual(['a']);
    monotonicMs += MINUTE;
    expect(await look()).toEqual(['a']);
    monotonicMs += 1;
    expect(await look()).toEqual([]);
    expect(await look('activities')).toEqual(['a']);
    agoMs = 0;
    expect(await look()).toEqual(['a']);
  });
});
