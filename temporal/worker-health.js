// The worker container's health check: has Temporal seen a worker of this host poll the task queue of late?
// A process that is alive but cannot reach Temporal, or polls no more, is not healthy.
//   node temporal/worker-health.js [task queue]
import { hostname } from 'node:os';
import { Connection } from '@temporalio/client';
import { loadClientConnectConfig } from '@temporalio/envconfig';

const TASK_QUEUE_TYPE_WORKFLOW = 1;
// An idle poll lasts one minute, so a live worker is seen at least that often.
const FRESH_MS = 120_000;

const taskQueue = process.argv[2] ?? 'gemini-files';
const { connectionOptions, namespace = 'default' } = loadClientConnectConfig();
try {
  const pollers = await describePollers();
  // The SDK's default identity is `pid@hostname`; in a container the host name is the container's own.
  const mine = pollers.filter(({ identity }) => identity?.endsWith(`@${hostname()}`));
  if (mine.length === 0) throw new Error(`none of the ${pollers.length} pollers is on ${hostname()}`);
  const lastPoll = Math.max(...mine.map(({ lastAccessTime }) => Number(lastAccessTime?.seconds ?? 0) * 1000));
  const age = Date.now() - lastPoll;
  if (age > FRESH_MS) throw new Error(`the last poll from ${hostname()} was ${Math.round(age / 1000)} s ago`);
  console.log(
    `${taskQueue} in ${namespace}: last poll from ${hostname()} at ${new Date(lastPoll).toISOString()}`,
  );
} catch (error) {
  console.error(`${taskQueue} in ${namespace} at ${connectionOptions.address}: ${error.message}`);
  process.exitCode = 1;
}

async function describePollers() {
  const connection = await Connection.connect({ ...connectionOptions, connectTimeout: '5s' });
  try {
    const request = { namespace, taskQueue: { name: taskQueue }, taskQueueType: TASK_QUEUE_TYPE_WORKFLOW };
    const { pollers } = await connection.withDeadline(Date.now() + 5_000, () =>
      connection.workflowService.describeTaskQueue(request),
    );
    return pollers;
  } finally {
    await connection.close();
  }
}
