/**
 * How late a file that has become ACTIVE is noticed, and after how many checks, with the package's own backoff. Nothing is waited for:
 * a check takes no time here.
 */
import { nextInterval, sleepBefore } from '../lib/backoff.js';
import { seeded } from '../../scripts/chaos/random.js';

const SAMPLES = 2000;
/** Processing times are not exact: each is drawn from so much around its middle. */
const SPREAD = 0.25;

/**
 * Seconds in PROCESSING. Measured: 7.9 s for a video of 64.7 MB (10 min); audio of a few MB, 2 to 15 s by users' reports; long videos take
 * minutes, stuck ones up to hours.
 */
const TIMES = [2, 5, 7.9, 15, 60, 300, 1200, 7200];

const DEFAULTS = { pollInterval: 2000, maxPollInterval: 10_000, backoffCoefficient: 1.5, jitter: 200 };
/** The one measurement there is of time by size: 7.9 s for 64.7 MB. A guess from it may be wrong by half or double. */
const guess = (ms, random) => ms * 2 ** (random() * 2 - 1);

const STRATEGIES = [
  ['defaults', DEFAULTS],
  ["pollInterval: '1s'", { ...DEFAULTS, pollInterval: 1000 }],
  ['backoffCoefficient: 1.25', { ...DEFAULTS, backoffCoefficient: 1.25 }],
  ['backoffCoefficient: 2', { ...DEFAULTS, backoffCoefficient: 2 }],
  ["maxPollInterval: '1m'", { ...DEFAULTS, maxPollInterval: 60_000 }],
  ['maxPollInterval: null', { ...DEFAULTS, maxPollInterval: null }],
  ['fixed 5 s', { ...DEFAULTS, pollInterval: 5000, maxPollInterval: 5000, jitter: 0 }],
  ['fixed 10 s', { ...DEFAULTS, pollInterval: 10_000, jitter: 0 }],
  ['first check at a guess by size, then the defaults', { ...DEFAULTS, guessed: true }],
];

/** @returns for each strategy and processing time the mean number of checks and the mean and greatest overshoot */
export function simulate() {
  return STRATEGIES.flatMap(([title, options]) =>
    TIMES.map((seconds) => {
      // The same draws for each strategy.
      const random = seeded(7).next;
      const waits = Array.from({ length: SAMPLES }, () => {
        const ms = seconds * 1000 * (1 + (random() * 2 - 1) * SPREAD);
        return wait(ms, options, random);
      });
      const mean = (value) => waits.reduce((sum, one) => sum + value(one), 0) / SAMPLES;
      return {
        title,
        seconds,
        checks: mean(({ checks }) => checks),
        overshootMs: mean(({ overshootMs }) => overshootMs),
        worstMs: Math.max(...waits.map(({ overshootMs }) => overshootMs)),
      };
    }),
  );
}

function wait(ms, options, random) {
  let interval = options.pollInterval;
  let at = options.guessed ? guess(ms, random) : sleepBefore(interval, Infinity, random(), options.jitter);
  let checks = 1;
  while (at < ms) {
    if (!options.guessed || checks > 1) interval = nextInterval(interval, options);
    at += sleepBefore(interval, Infinity, random(), options.jitter);
    checks += 1;
  }
  return { checks, overshootMs: at - ms };
}
