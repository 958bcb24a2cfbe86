/** A program that uploads one file and waits until it is ACTIVE, with the progress on the way. */

import { GeminiFilesClient, UploadInactiveError, type ActiveFile } from 'temporal-gemini-files';
import { createGeminiFilesWorker } from 'temporal-gemini-files/worker';
import type { World } from './world.js';

export async function main({ client, connection, gemini }: World, path: string): Promise<ActiveFile> {
  // Usually a process of its own, where the files are: `npx temporal-gemini-files worker`.
  const worker = await createGeminiFilesWorker({
    ...gemini,
    connection,
    namespace: client.options.namespace,
  });
  return worker.runUntil(() => upload(new GeminiFilesClient(client), path));
}

/** All that a program needs if a worker runs. */
async function upload(files: GeminiFilesClient, path: string): Promise<ActiveFile> {
  const handle = await files.start(path, { timeout: '90s' });
  for await (const { phase, polls } of files.progress(handle)) {
    process.stderr.write(`${phase}, ${polls} checks\n`);
  }
  try {
    return await handle.result();
  } catch (error) {
    // Each failure of the contract is a class; this one has waited long enough.
    if (error instanceof UploadInactiveError)
      process.stderr.write(`${error.id} was still ${error.state}; it is ${error.cleanup}\n`);
    throw error;
  }
}
