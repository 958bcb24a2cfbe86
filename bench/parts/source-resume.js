/** An upload whose worker is killed on the way and which another worker continues. */
import { randomUUID } from 'node:crypto';
import { contestants } from '../lib/contestants.js';

/**
 * @param options - of the workers
 * @param host - calls of the server that the file comes from
 * @param share - of the file that the provider has when the worker dies
 * @returns of both workers together: bytes that the provider got, bytes that the source gave, requests to it, processor time; the time in
 *   all, and the time from the death to the result
 */
export async function resumed(world, options, host, url, sizeBytes, share) {
  const { start, type, argument } = contestants.oursFromSource;
  await host('books');
  await world.provider('books');
  const first = await start(world, options);
  let second;
  try {
    await first.call('warmed');
    const began = performance.now();
    const taskQueue = first.taskQueue;
    const workflow = { taskQueue, workflowId: randomUUID(), args: [argument(url)] };
    const handle = await world.client.workflow.start(type, workflow);
    await world.provider('received', share * sizeBytes);
    const { cpuMs } = await first.call('usage');
    await first.kill();
    const died = performance.now();
    second = await start(world, { ...options, taskQueue });
    await second.call('warmed');
    await handle.result();
    const ended = performance.now();
    const { cpuMs: moreCpuMs } = await second.call('usage');
    const [{ received, starts, finals }, { bytes, requests }] = [
      await world.provider('books'),
      await host('books'),
    ];
    if (starts !== 1 || finals !== 1)
      throw new Error(`${starts} sessions and ${finals} files for one upload`);
    return {
      sent: received,
      downloaded: bytes,
      requests,
      cpuMs: cpuMs + moreCpuMs,
      ms: ended - began,
      afterMs: ended - died,
    };
  } finally {
    await first.kill();
    await second?.end();
  }
}
