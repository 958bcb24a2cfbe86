/**
 * A worker that serves the Nexus service, and a caller. Make the endpoint first:
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

/** Without the endpoint, Temporal would refuse the call again and again, and the caller would wait. */
async function assertEndpoint({ connection }: Client, name: string): Promise<void> {
  if (!(connection instanceof Connection)) return;
  const { endpoints } = await connection.operatorService.listNexusEndpoints({ name });
  if (endpoints.length > 0) return;
  throw new Error(
    `There is no Nexus endpoint ${name}. Make it: temporal operator nexus endpoint create --name ${name} ` +
      '--target-namespace default --target-task-queue gemini-files',
  );
}
