/** What a process takes: memory at its peak, processor time, delay of its event loop. */
import { readFileSync, writeFileSync } from 'node:fs';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';

const MS = 1e6;
const KIB = 1024;

// Samples every millisecond; a sample is the time between two of them, so that an idle loop shows 1 to 2 ms.
const delay = monitorEventLoopDelay({ resolution: 1 });
let began = { cpu: process.cpuUsage(), at: performance.now() };

/** Peak resident memory since `reset`, bytes. Linux counts it exactly; elsewhere it is the peak of the process's life. */
function peakRss() {
  try {
    const [, kib] = /VmHWM:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'));
    return Number(kib) * KIB;
  } catch {
    return process.resourceUsage().maxRSS * KIB;
  }
}

function forgetPeak() {
  try {
    writeFileSync('/proc/self/clear_refs', '5');
  } catch {
    // Not Linux: see above.
  }
}

/** Resolves once the memory has stood still: three looks in a row within 1 MB. */
async function settled() {
  let last = 0;
  for (let still = 0; still < 3;) {
    await sleep(100);
    const { rss } = process.memoryUsage();
    still = Math.abs(rss - last) < 1e6 ? still + 1 : 0;
    last = rss;
  }
  return last;
}

export const usageCalls = {
  /** Begins a measurement. @returns the idle process's resident memory, bytes */
  async reset() {
    const rss = await settled();
    forgetPeak();
    delay.enable();
    delay.reset();
    began = { cpu: process.cpuUsage(), at: performance.now() };
    return { rss };
  },
  /** The program is warm: time is counted from here on, memory still from `reset`. */
  warmed() {
    delay.reset();
    began = { cpu: process.cpuUsage(), at: performance.now() };
  },
  /** What was taken since `reset`, or since `warmed`. */
  usage() {
    const { user, system } = process.cpuUsage(began.cpu);
    return {
      peakRss: peakRss(),
      ...memory(),
      cpuMs: (user + system) / 1000,
      wallMs: performance.now() - began.at,
      loopDelayMs: {
        p50: delay.percentile(50) / MS,
        p99: delay.percentile(99) / MS,
        max: delay.max / MS,
      },
    };
  },
};

function memory() {
  const { rss, heapUsed, external, arrayBuffers } = process.memoryUsage();
  return { rss, heapUsed, external, arrayBuffers };
}
