import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LeaseBook, type LeaseBookData } from '../../../src/workflow/hold/lease-book.js';

const iso = (ms: number) => new Date(ms).toISOString();

/** A book whose file was first ACTIVE at 0. */
const active = () => new LeaseBook();

describe('a lease', () => {
  it('waits until the file is first ACTIVE, and counts from then', () => {
    const book = new LeaseBook();
    book.acquire('a', 1000, 0, false);
    expect(book.list()).toEqual([{ id: 'a', until: null }]);
    book.expire(1_000_000);
    expect(book.size).toBe(1);
    book.grant(60_000);
    expect(book.list()).toEqual([{ id: 'a', until: iso(61_000) }]);
  });

  it('counts from its acquire if the file was ACTIVE before', () => {
    const book = active();
    book.acquire('usable', 1000, 5000, true);
    book.acquire('checked first', 1000, 5000, false);
    book.grant(0);
    expect(book.list()).toEqual([
      { id: 'usable', until: iso(6000) },
      { id: 'checked first', until: iso(6000) },
    ]);
  });

  it('is over at its end, and not before', () => {
    const book = active();
    book.acquire('a', 1000, 0, true);
    book.expire(999);
    expect(book.size).toBe(1);
    book.expire(1000);
    expect(book.size).toBe(0);
  });

  it('whose time ended while it waited is over as soon as it has its end', () => {
    const book = active();
    book.acquire('short', 1000, 0, false);
    book.acquire('long', 60_000, 0, false);
    expect([book.isOver('short', 5000), book.isOver('none', 5000)]).toEqual([false, true]);
    book.grant(0);
    expect([book.isOver('short', 999), book.isOver('short', 1000), book.isOver('long', 1000)]).toEqual([
      false,
      true,
      false,
    ]);
  });

  it('is extended by a repeated acquire, and never shortened', () => {
    const book = active();
    book.acquire('a', 10_000, 0, true);
    book.acquire('a', 1000, 0, true);
    expect(book.list()).toEqual([{ id: 'a', until: iso(10_000) }]);
    book.acquire('a', 10_000, 5000, true);
    expect(book.list()).toEqual([{ id: 'a', until: iso(15_000) }]);
    expect(book.total).toBe(1);
  });

  it('that waits keeps its longest duration', () => {
    const book = new LeaseBook();
    book.acquire('a', 10_000, 0, false);
    book.acquire('a', 9000, 5000, false);
    book.grant(20_000);
    expect(book.list()).toEqual([{ id: 'a', until: iso(30_000) }]);
  });

  it('that is acquired again while the file cannot be used shows no end until it can, and ends at its time', () => {
    const book = active();
    book.acquire('a', 1000, 0, true);
    book.acquire('a', 5000, 500, false);
    expect(book.list()).toEqual([{ id: 'a', until: null }]);
    expect(book.isAwaited).toBe(true);
    expect(book.nextEnd).toBe(5500);
    const next = new LeaseBook(JSON.parse(JSON.stringify(book.toData())) as LeaseBookData);
    next.expire(5499);
    next.grant(0);
    expect(next.list()).toEqual([{ id: 'a', until: iso(5500) }]);
    expect(next.isAwaited).toBe(false);
    book.expire(5500);
    expect(book.size).toBe(0);
  });

  it('is a new one after a release', () => {
    const book = active();
    book.acquire('a', 10_000, 0, true);
    book.release('a');
    book.release('a');
    book.release('nobody');
    expect(book.size).toBe(0);
    book.acquire('a', 1000, 0, true);
    expect(book.list()).toEqual([{ id: 'a', until: iso(1000) }]);
    expect(book.total).toBe(2);
  });
});

describe('callers that wait', () => {
  it('are answered once each, also if they ask again', () => {
    const book = new LeaseBook();
    for (const workflowId of ['one', 'two', 'one']) book.acquire('a', 1000, 0, false, workflowId);
    expect(book.isAwaited).toBe(true);
    expect(book.takeWaiting()).toEqual([
      { leaseId: 'a', workflowId: 'one' },
      { leaseId: 'a', workflowId: 'two' },
    ]);
    expect(book.takeWaiting()).toEqual([]);
  });

  it('are not answered after the release of their lease', () => {
    const book = new LeaseBook();
    book.acquire('a', 1000, 0, false, 'one');
    book.acquire('b', 1000, 0, false, 'two');
    book.release('a');
    expect(book.takeWaiting()).toEqual([{ leaseId: 'b', workflowId: 'two' }]);
  });
});

it('takes no more leases than the input of the next run has room for, and extends those that it has', () => {
  const book = new LeaseBook();
  const id = (n: number) => `${n}`.padEnd(128, '\u0001');
  let count = 0;
  while (book.acquire(id(count), 1000, 0, true, `${'w'.repeat(990)}${count}`)) count += 1;
  expect(count).toBeGreaterThan(300);
  expect(JSON.stringify(book.toData()).length).toBeLessThan(1_000_000);
  expect(JSON.stringify(book.list()).length).toBeLessThan(1_000_000);
  expect(book.acquire(id(0), 9000, 0, true)).toBe(true);
  expect(book.list()[0]?.until).toBe(iso(9000));
  book.release(id(1));
  expect(book.acquire(id(count), 1000, 0, true)).toBe(true);
});

describe('whatever happens, in any order, repeated, and in whatever run', () => {
  type Step =
    | { readonly do: 'acquire'; readonly id: string; readonly forMs: number; readonly usable: boolean }
    | { readonly do: 'release'; readonly id: string }
    | { readonly do: 'grant' | 'expire' | 'next run' }
    | { readonly do: 'pass'; readonly ms: number };
  const id = fc.constantFrom('a', 'b', 'c');
  const step: fc.Arbitrary<Step> = fc.oneof(
    fc.record({
      do: fc.constant('acquire' as const),
      id,
      forMs: fc.integer({ min: 1, max: 100 }),
      usable: fc.boolean(),
    }),
    fc.record({ do: fc.constant('release' as const), id }),
    fc.record({ do: fc.constantFrom('grant' as const, 'expire' as const, 'next run' as const) }),
    fc.record({ do: fc.constant('pass' as const), ms: fc.integer({ min: 0, max: 60 }) }),
  );

  /** Plays the steps; `check` is given the book before and after each. */
  function play(
    steps: Step[],
    check: (step: Step, before: LeaseBook, after: LeaseBook, now: number) => void,
  ) {
    let book = new LeaseBook();
    let now = 0;
    for (const one of steps) {
      const before = new LeaseBook(book.toData());
      if (one.do === 'acquire') book.acquire(one.id, one.forMs, now, one.usable, `caller of ${one.id}`);
      else if (one.do === 'release') book.release(one.id);
      else if (one.do === 'grant') book.grant(0);
      else if (one.do === 'expire') book.expire(now);
      else if (one.do === 'next run')
        book = new LeaseBook(JSON.parse(JSON.stringify(book.toData())) as never);
      else if (one.do === 'pass') now += one.ms;
      check(one, before, book, now);
    }
  }

  const untilOf = (book: LeaseBook, id: string) => {
    const lease = book.list().find((one) => one.id === id);
    return lease?.until == null ? undefined : Date.parse(lease.until);
  };

  it('an acquire never shortens a lease, and gives at least its own time', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) =>
        play(steps, (one, before, after, now) => {
          if (one.do !== 'acquire') return;
          const granted = new LeaseBook(after.toData());
          granted.grant(0);
          expect(untilOf(granted, one.id)).toBeGreaterThanOrEqual(now + one.forMs);
          expect(untilOf(granted, one.id)).toBeGreaterThanOrEqual(untilOf(before, one.id) ?? 0);
        }),
      ),
    );
  });

  it('no step but a release and the end of its time removes a lease, and none touches another', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) =>
        play(steps, (one, before, after, now) => {
          const named = 'id' in one ? one.id : undefined;
          // As they are, and not as they are shown: a lease that is acquired again can show no end, and has one.
          for (const { id, until } of before.toData().leases) {
            const still = after.toData().leases.find((lease) => lease.id === id);
            if (one.do === 'release' && id === named) expect(still).toBeUndefined();
            else if (one.do === 'expire' && until !== null && until <= now) expect(still).toBeUndefined();
            else expect(still).toBeDefined();
            if (id !== named && one.do !== 'grant' && still) expect(still.until).toBe(until);
          }
        }),
      ),
    );
  });

  it('the next run has the same book, and every lease that has an end is over in the end', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        play(steps, (one, before, after) => {
          if (one.do === 'next run') expect(after.toData()).toEqual(before.toData());
          after.grant(0);
          const { nextEnd } = after;
          const ends = after.list().map(({ until }) => Date.parse(until ?? ''));
          expect(nextEnd).toBe(ends.length === 0 ? undefined : Math.min(...ends));
          const rest = new LeaseBook(after.toData());
          rest.expire(Number.MAX_SAFE_INTEGER);
          expect(rest.size).toBe(0);
        });
      }),
    );
  });

  it('the count of leases is that of the acquires that made one', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        let made = 0;
        play(steps, (one, before, after) => {
          if (one.do === 'acquire' && !before.list().some(({ id }) => id === one.id)) made += 1;
          expect(after.total).toBe(made);
        });
      }),
    );
  });
});
