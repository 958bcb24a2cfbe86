/** The limiter of a worker's bandwidth, by a clock of the test's own. */

import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { SendTurn } from '../../src/gemini/index.js';
import { SendLimiter, type Clock } from '../../src/worker/send-limiter.js';

const RATE = 1024 * 1024;
const never = new AbortController().signal;

/** Time that passes only in `pass`; timers run when they are due, and what they let go runs before the next one. */
class ManualClock implements Clock {
  private time = 0;
  private readonly timers = new Set<{ at: number; run: () => void }>();

  readonly now = () => this.time;
  readonly after = (ms: number, run: () => void) => {
    const timer = { at: this.time + ms, run };
    this.timers.add(timer);
    return () => void this.timers.delete(timer);
  };

  async pass(ms: number): Promise<void> {
    const end = this.time + ms;
    for (;;) {
      await setImmediate();
      const [next] = [...this.timers].sort((one, other) => one.at - other.at);
      if (!next || next.at > end) break;
      this.timers.delete(next);
      this.time = next.at;
      next.run();
    }
    this.time = end;
    await setImmediate();
  }
}

/** A request that sends `bytes` bytes, each piece in `msPerPiece`; says when it began and ended. */
async function send(
  clock: ManualClock,
  turn: Promise<SendTurn>,
  bytes: number,
  msPerPiece = 0,
): Promise<{ begun: number; ended: number }> {
  const { pieceBytes, take, end } = await turn;
  const begun = clock.now();
  for (let left = bytes; left > 0; left -= pieceBytes) {
    await take(Math.min(left, pieceBytes), never);
    if (msPerPiece > 0) await new Promise<void>((next) => clock.after(msPerPiece, next));
  }
  end();
  return { begun, ended: clock.now() };
}

function limiter(rate = RATE) {
  const clock = new ManualClock();
  return { clock, pace: new SendLimiter(rate, clock).pace };
}

describe('the whole rate', () => {
  it('is used, one upload after the other, whatever their number', async () => {
    const { clock, pace } = limiter();
    const bytes = 3_000_000;
    const sent = Array.from({ length: 35 }, () => send(clock, pace()(bytes), bytes));
    await clock.pass(200_000);
    const times = await Promise.all(sent);
    times.forEach(({ begun, ended }, index) => {
      // A second's worth is saved up before the first one.
      const due = Math.max(0, ((index + 1) * bytes) / RATE - 1) * 1000;
      expect(ended).toBeGreaterThanOrEqual(due);
      expect(ended).toBeLessThan(due * 1.02 + 10);
      if (index > 0) expect(begun).toBeGreaterThanOrEqual(times[index - 1]?.ended ?? Number.NaN);
    });
  });

  it('is used by several requests if one alone cannot, and by a few more at most', async () => {
    const { clock, pace } = limiter();
    const bytes = 4 * RATE;
    // Each sends a third of the rate at most.
    const piece = RATE / 16;
    const sent = Array.from({ length: 12 }, () => send(clock, pace()(bytes), bytes, (piece / RATE) * 3000));
    await clock.pass(200_000);
    const times = await Promise.all(sent);
    const total = 12 * bytes;
    const last = Math.max(...times.map(({ ended }) => ended));
    expect(last).toBeGreaterThanOrEqual((total / RATE - 1) * 1000);
    expect(last).toBeLessThan((total / RATE) * 1000 * 1.25);
    const most = Math.max(
      ...times.map(({ begun }) => times.filter((one) => one.begun <= begun && one.ended > begun).length),
    );
    expect(most).toBeGreaterThanOrEqual(3);
    // Some begin while what was saved up is spent.
    expect(most).toBeLessThanOrEqual(8);
  });

  it('is never exceeded by more than what was saved up', async () => {
    const { clock, pace } = limiter();
    const bytes = 100_000;
    const log: { at: number; bytes: number }[] = [];
    const work = Array.from({ length: 50 }, async () => {
      const { pieceBytes, take, end } = await pace()(bytes);
      for (let left = bytes; left > 0; left -= pieceBytes) {
        await take(Math.min(left, pieceBytes), never);
        log.push({ at: clock.now(), bytes: Math.min(left, pieceBytes) });
      }
      end();
    });
    await clock.pass(20_000);
    await Promise.all(work);
    for (const [first, { at: from }] of log.entries()) {
      let sum = 0;
      for (const { at, bytes: taken } of log.slice(first)) {
        sum += taken;
        expect(sum).toBeLessThanOrEqual(RATE * (1 + (at - from) / 1000) + 1);
      }
    }
  });

  it('is not needed by small requests after a rest: all that fit begin at once', async () => {
    const { clock, pace } = limiter();
    const sent = Array.from({ length: 10 }, () => send(clock, pace()(50_000), 50_000, 10));
    await clock.pass(1000);
    expect((await Promise.all(sent)).map(({ begun }) => begun)).toEqual(Array(10).fill(0));
  });
});

describe('the order', () => {
  it('is that of the uploads, also for their later requests', async () => {
    const { clock, pace } = limiter();
    const order: string[] = [];
    const upload = async (name: string) => {
      const own = pace();
      for (const part of [1, 2, 3]) {
        await send(clock, own(2 * RATE), 2 * RATE);
        order.push(`${name}${part}`);
        // The answer's time, in which another upload may begin.
        await new Promise<void>((next) => clock.after(20, next));
      }
    };
    const all = ['a', 'b', 'c'].map(upload);
    await clock.pass(60_000);
    await Promise.all(all);
    expect(order).toEqual(['a1', 'b1', 'a2', 'b2', 'a3', 'b3', 'c1', 'c2', 'c3']);
  });
});

describe('a request that is not wanted any more', () => {
  it('does not wait for its turn, and lets the next one pass', async () => {
    const { clock, pace } = limiter();
    const first = await pace()(10 * RATE);
    const abort = new AbortController();
    const second = pace()(10 * RATE, abort.signal);
    const third = pace()(10 * RATE);
    abort.abort(new Error('cancelled'));
    await expect(second).rejects.toThrow('cancelled');
    first.end();
    await expect(third).resolves.toBeDefined();
    expect(clock.now()).toBe(0);
  });

  it('is refused at once if it was aborted before', async () => {
    const { pace } = limiter();
    const aborted = AbortSignal.abort(new Error('cancelled'));
    await expect(pace()(1, aborted)).rejects.toThrow('cancelled');
    const turn = await pace()(1);
    await expect(turn.take(1, aborted)).rejects.toThrow('cancelled');
  });

  it('takes no bytes: the next one has them', async () => {
    const { clock, pace } = limiter();
    const first = await pace()(10 * RATE);
    const piece = first.pieceBytes;
    for (let taken = 0; taken < 16; taken += 1) await first.take(piece, never);
    // All that was saved up is gone.
    const broken = new AbortController();
    const lost = first.take(piece, broken.signal);
    const next = pace()(piece);
    await clock.pass(30);
    broken.abort(new Error('the connection broke'));
    await expect(lost).rejects.toThrow('the connection broke');
    first.end();
    const sent = send(clock, next, piece);
    await clock.pass(1000);
    // A piece is due after a 16th of a second; the wait of the broken request counts for it.
    expect(await sent).toEqual({ begun: 30, ended: 63 });
  });

  it('gives back what it had still to send', async () => {
    const { clock, pace } = limiter();
    const first = await pace()(100 * RATE);
    first.end();
    first.end();
    const both = [send(clock, pace()(1000), 1000), send(clock, pace()(1000), 1000)];
    await clock.pass(0);
    expect((await Promise.all(both)).map(({ begun }) => begun)).toEqual([0, 0]);
  });
});
