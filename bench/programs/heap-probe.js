/**
 * Loaded into every thread of a program (`--import`): reports the live objects on all its heaps. On Node 20, a thread can't
 * be asked for that from outside.
 */
import { getHeapStatistics, queryObjects } from 'node:v8';
import { isMainThread } from 'node:worker_threads';

const channel = new BroadcastChannel('bench-heap');
channel.unref();

class None {}

function live() {
  // Collects all garbage before it counts, and makes the heap as small as it can be. `gc()` leaves a heap the size that a burst gave it.
  queryObjects(None, { format: 'count' });
  const { used_heap_size: used, external_memory: external } = getHeapStatistics();
  return used + external;
}

if (!isMainThread) {
  channel.onmessage = ({ data }) => {
    if (data.ask) channel.postMessage({ answers: data.ask, bytes: live() });
  };
}

/** Bytes that live on the heaps of this thread and of `threads` others, garbage collected first. */
export async function liveHeap(threads) {
  const ask = performance.now();
  const others = await new Promise((resolve) => {
    const heard = [];
    channel.onmessage = ({ data }) => {
      if (data.answers === ask) heard.push(data.bytes);
      if (heard.length === threads) resolve(heard);
    };
    channel.ref();
    channel.postMessage({ ask });
  });
  channel.unref();
  return others.reduce((sum, bytes) => sum + bytes, live());
}
