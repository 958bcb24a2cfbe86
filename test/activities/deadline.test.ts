/** An upload ends shortly before its time is up, so that it can end its session and report the reason. */

import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { attemptTime } from '../../src/activities/attempt-time.js';
import { deadlineSignal, isDeadline } from '../../src/activities/deadline.js';
import { NAME } from '../support/connection.js';

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] }));
afterEach(() => void vi.useRealTimers());

/** An attempt that begins now, in an activity with `msLeft` left; 0: without a bound. */
function deadline(msLeft: number): ReturnType<typeof deadlineSignal> {
  const times = {
    scheduledTimestampMs: 1,
    currentAttemptScheduledTimestampMs: 1,
    scheduleToCloseTimeoutMs: msLeft,
    startToCloseTimeoutMs: 0,
  };
  return deadlineSignal(NAME, attemptTime(times));
}

describe('the deadline of an upload', () => {
  it.each([
    ['a second before the end', 10 * MINUTE, 10 * MINUTE - 1000],
    ['a tenth of the time before the end, if there is little', 4000, 3600],
  ])('comes %s', (_, total, at) => {
    const { signal } = deadline(total);
    vi.advanceTimersByTime(at - 1);
    expect(signal.aborted).toBe(false);
    vi.advanceTimersByTime(1);
    expect(signal.aborted).toBe(true);
    expect(isDeadline(signal.reason)).toBe(true);
    expect(signal.reason).toMatchObject({
      name: 'UploadFailedError',
      id: NAME,
      message: `The upload of ${NAME} did not end within its uploadTimeout`,
    });
  });

  it('does not come after the end of the upload', () => {
    const { signal, clear } = deadline(MINUTE);
    clear();
    vi.advanceTimersByTime(2 * MINUTE);
    expect(signal.aborted).toBe(false);
  });

  // A longer delay than a timer can have would fire at once.
  it.each([0, 30 * DAY])('does not come with %i ms left: no end, or a very late one', (left) => {
    const { signal, clear } = deadline(left);
    expect(vi.getTimerCount()).toBe(0);
    clear();
    expect(signal.aborted).toBe(false);
  });
});
