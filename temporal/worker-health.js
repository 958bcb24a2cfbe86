// The worker container's health check: has Temporal seen a worker of this host poll the task queue of late?
// A process that is alive but cannot reach Temporal, or polls no more, is not healthy.
//   node temporal/worker-health.js [task queue]
import { hostname } from 'node:os';
import { Connection } from '@temporalio/client';
// By the rules of the worker itself: which server it is, and which pollers count.
import { freshPollers } from '../dist/cli/pollers.js';
import { permanentTemporal } from '../dist/cli/temporal-target.js';

const taskQueue = process.argv[2] ?? 'gemini-files';
let server = '';
try {
  const { address, namespace, options } = permanentTemporal();
  server = ` in ${namespace} at ${address}`;
  const pollers = await findPollers(options, namespace);
  // The SDK's default identity is `pid@hostname`; in a container the host name is the container's own.
  if (!pollers.some((identity) => identity.endsWith(`@${hostname()}`)))
    throw new Error(`none of the ${pollers.length} pollers is on ${hostname()}`);
  console.log(`${taskQueue}${server}: polled from ${hostname()}`);
} catch (error) {
  console.error(`${taskQueue}${server}: ${error.message}`);
  process.exitCode = 1;
}

async function findPollers(options, namespace) {
  const connection = await Connection.connect({ ...options, connectTimeout: '5s' });
  try {
    return await connection.withDeadline(Date.now() + 5_000, () =>
      freshPollers(connection.workflowService, namespace, taskQueue),
    );
  } finally {
    await connection.close();
  }
}
