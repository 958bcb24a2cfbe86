/** An upload whose worker is killed on the way and which another worker continues. */
import { randomUUID } from 'node:crypto';
import { contestants } from '../lib/contestants.js';

/**
 * @param options - of the workers
 * @param host - calls of the server that the file comes from
 * @param share - of the file that the provider has when the worker dies
 * @returns bytes that the provider got, and that the source gave, by both workers together; the time from the death to the result
 */
export async function resumed(world, options, host, url, sizeBytes, share) {
  const { start, type, argument } = contestants.oursFromSource;
  await host('books');
  await world.provider('books');
  const first = await start(world, options);
  let second;
  try {
    const taskQueue = first.taskQueue;
    const workflow = { taskQueue, workflowId: randomUUID(), args: [argument(url)] };
    const handle = await world.client.workflow.start(type, workflow);
    await world.provider('received', share * sizeBytes);
    await first.kill();
    const died = performance.now();
    second = await start(world, { ...options, taskQueue });
    await handle.result();
    const ms = performance.now() - died;
    const [{ received, starts, finals }, { bytes, requests }] = [
      await world.provider('books'),
      await host('books'),
    ];
    if (starts !== 1 || finals !== 1)
      throw new Error(`${starts} sessions and ${finals} files for one upload`);
    return { sent: received, downloaded: bytes, requests, ms };
  } finally {
    await first.kill();
    await second?.end();
  }
}
