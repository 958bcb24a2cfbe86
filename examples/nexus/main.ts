/**
 * A worker that serves the Nexus service, and a caller. Make the endpoint first, with the namespace that the worker serves in
 * (`TEMPORAL_NAMESPACE`, or `default`):
 * `temporal operator nexus endpoint create --name gemini-files --target-namespace default --target-task-queue gemini-files`
 */

import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { Connection, type Client } from '@temporalio/client';
import { Worker } from '@temporalio/worker';
import { geminiFilesNexusHandler } from 'temporal-gemini-files/nexus/handler';
import { createGeminiFilesWorker } from 'temporal-gemini-files/worker';
import type { World } from '../world.js';
import type { uploadByNexus } from './workflows.js';

const taskQueue = 'example-nexus';
/** That of `createGeminiFilesWorker`. */
const servingQueue = 'gemini-files';

export async function main(
  { client, connection, gemini }: World,
  path: string,
  endpoint = 'gemini-files',
): Promise<string> {
  const { namespace } = client.options;
  await assertEndpoint(client, endpoint);
  const serving = await createGeminiFilesWorker({
    ...gemini,
    connection,
    namespace,
    nexusServices: [geminiFilesNexusHandler()],
  });
  // Usually in a namespace of its own.
  const calling = await Worker.create({
    connection,
    namespace,
    taskQueue,
    workflowsPath: fileURLToPath(new URL('./workflows.js', import.meta.url)),
  });
  const args: [string, string] = [endpoint, path];
  const workflowId = `caller-${randomUUID()}`;
  return serving.runUntil(
    calling.runUntil(
      client.workflow.execute<typeof uploadByNexus>('uploadByNexus', { taskQueue, workflowId, args }),
    ),
  );
}

/** Without the endpoint, or with one that leads elsewhere, Temporal would try the call again and again, and the caller would wait. */
async function assertEndpoint({ connection, options }: Client, name: string): Promise<void> {
  if (!(connection instanceof Connection)) return;
  const { namespace } = options;
  const { endpoints } = await connection.operatorService.listNexusEndpoints({ name });
  const target = endpoints[0]?.spec?.target?.worker;
  if (target?.namespace === namespace && target.taskQueue === servingQueue) return;
  const command = (verb: string) =>
    `temporal operator nexus endpoint ${verb} --name ${name} --target-namespace ${namespace} --target-task-queue ${servingQueue}`;
  if (endpoints.length === 0)
    throw new Error(`There is no Nexus endpoint ${name}. Make it: ${command('create')}`);
  const leads = target ? `${target.taskQueue} in the namespace ${target.namespace}` : 'no worker';
  throw new Error(`The Nexus endpoint ${name} leads to ${leads}. Correct it: ${command('update')}`);
}
