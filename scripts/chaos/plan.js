/** What will happen, all from one seed: files and their fates, cancellations, network faults, kills. */
import { seeded } from './random.js';

const MIB = 1024 * 1024;

/** @returns {{runs: object[], faults: object[], kills: object[], spanMs: number}} times in milliseconds from the begin */
export function makePlan({
  workflows,
  kills,
  seed,
  msPerWorkflow = 150,
  msPerKill = 1800,
  // Long enough that the kills fall among the runs.
  spanMs = Math.max(workflows * msPerWorkflow, kills * msPerKill),
}) {
  const random = seeded(seed);
  const runs = Array.from({ length: workflows }, (_, index) => makeRun(random, index, spanMs));
  const faults = Array.from({ length: Math.ceil(workflows * 0.8) }, () => ({
    atMs: random.between(0, spanMs),
    fault: makeFault(random),
  }));
  const victims = ['worker-0', 'worker-1', 'worker-0', 'worker-1', 'server'];
  const killings = Array.from({ length: kills }, (_, index) => ({
    atMs: Math.round(((index + 0.3 + random.next() * 0.6) * spanMs) / kills),
    victim: random.pick(victims),
    downMs: random.between(100, 1500),
  }));
  return { runs, faults, kills: killings, spanMs };
}

function makeRun(random, index, spanMs) {
  const roll = random.next();
  const fate = roll < 0.7 ? 'active' : roll < 0.82 ? 'failed' : 'never';
  const large = random.chance(0.25);
  return {
    index,
    atMs: random.between(0, Math.round(spanMs * 0.8)),
    fate,
    processingMs: random.between(0, 3000),
    sizeBytes: large ? random.between(4 * MIB, 80 * MIB) : random.between(1, 256 * 1024),
    cancelAfterMs: random.chance(0.2) ? random.between(0, 4000) : undefined,
    timeoutMs: fate === 'never' ? random.between(1000, 6000) : 120_000,
  };
}

function makeFault(random) {
  const on = random.pick(['start', 'upload', 'upload', 'query', 'get', 'get', 'delete', 'finalize']);
  const kinds = [
    { on, do: 'reset' },
    { on, do: 'loseAnswer' },
    { on, do: 'respond', status: 503, text: '' },
    { on, do: 'respond', status: 500, json: { error: { code: 500, message: 'chaos', status: 'INTERNAL' } } },
    { on, do: 'respond', status: 429, text: 'slow down', headers: { 'retry-after': '1' } },
    { on, do: 'delay', ms: random.between(50, 1500) },
    {
      on: 'upload',
      do: 'reset',
      afterBytes: random.between(1, 8 * MIB),
      persist: random.pick(['all', 'granular', 'none']),
    },
    { on: 'upload', do: 'expireSession' },
    { on: 'upload', do: 'terminateSession' },
    { on, do: 'cutAnswer', afterBytes: random.between(0, 40) },
    { on: 'get', do: 'omitState' },
    { on: random.pick(['upload', 'query']), do: 'stripUploadHeaders' },
  ];
  return { times: random.between(1, 2), ...random.pick(kinds) };
}
