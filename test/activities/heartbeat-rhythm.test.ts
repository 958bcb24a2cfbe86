/** How many heartbeats a long upload sends, and how late it can notice a cancellation, on a clock of this test's own. */

import { describe, expect, it } from 'vitest';
import { HeartbeatRhythm } from '../../src/activities/heartbeat-rhythm.js';

const HOUR_MS = 3_600_000;
const TIMEOUT_MS = 10_000;
/** Of 0.1.0: one a second, and one in four of them to the SDK as well, over two hours. */
const BEFORE = 7200 + 1800;

interface Beats {
  readonly confirmed: readonly number[];
  readonly sdk: readonly number[];
}

/** The times of all heartbeats, from the first one at the start. @param unanswered - whether the one sent at that time gets no answer */
function beatsOver(ms: number, { timeoutMs = TIMEOUT_MS, unanswered = (at: number) => at < 0 } = {}): Beats {
  const rhythm = new HeartbeatRhythm(timeoutMs);
  const confirmed = [0];
  const sdk: number[] = [];
  let answered = true;
  for (let now = rhythm.tickMs(0); now <= ms; now += rhythm.tickMs(now)) {
    const beats = rhythm.tick(now, answered);
    if (beats.sdk) sdk.push(now);
    if (!beats.confirmed) continue;
    confirmed.push(now);
    answered = !unanswered(now);
  }
  return { confirmed, sdk };
}

const gaps = (times: readonly number[]) => times.slice(1).map((at, index) => at - times[index]!);
const longestGap = (times: readonly number[]) => Math.max(...gaps(times));

describe('an upload of two hours', () => {
  const { confirmed, sdk } = beatsOver(2 * HOUR_MS);

  it('costs a quarter of the heartbeats that it cost before', () => {
    expect(confirmed.length + sdk.length).toBeLessThanOrEqual(BEFORE / 4);
  });

  it('notices a cancellation within two seconds in its first minute, and within five later', () => {
    expect(longestGap(confirmed.filter((at) => at <= 61_000))).toBeLessThanOrEqual(1000);
    expect(longestGap(confirmed)).toBeLessThan(4700);
  });

  it('is not ended by the SDK, which waits five seconds more than the heartbeat timeout', () => {
    expect(longestGap([0, ...sdk])).toBeLessThan(TIMEOUT_MS + 5000 - 3000);
  });
});

it('a heartbeat that was not answered is sent again long before the heartbeat timeout', () => {
  const { confirmed } = beatsOver(5 * 60_000, { unanswered: (at) => at > 100_000 && at < 105_000 });
  const lost = confirmed.find((at) => at > 100_000)!;
  expect(confirmed.find((at) => at > lost)! - lost).toBeLessThan(1200);
});

it.each([1000, 2000, 30_000])(
  'with a heartbeat timeout of %i ms, time is left for an answer',
  (timeoutMs) => {
    const { confirmed } = beatsOver(10 * 60_000, { timeoutMs });
    expect(longestGap(confirmed)).toBeLessThan(0.6 * timeoutMs);
  },
);

it('without a heartbeat timeout, the rhythm is that of a long one', () => {
  expect(longestGap(beatsOver(HOUR_MS, { timeoutMs: Number.POSITIVE_INFINITY }).confirmed)).toBeLessThan(
    4700,
  );
});
