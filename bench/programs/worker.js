/** This package's worker, with its defaults. It also starts runs itself. */
import { Client } from '@temporalio/client';
import { NativeConnection } from '@temporalio/worker';
import { GeminiFilesClient } from '../../dist/client/index.js';
import { createGeminiFilesWorker } from '../../dist/worker/index.js';
import { serve, settings, timed } from '../lib/serve.js';
import { installQuietRuntime } from '../../scripts/quiet-runtime.js';

installQuietRuntime();
const connection = await NativeConnection.connect({ address: settings.address });
const worker = await createGeminiFilesWorker({
  connection,
  taskQueue: settings.taskQueue,
  baseUrl: settings.url,
  apiKey: 'bench',
  allowedRoots: [settings.root],
  ...settings.worker,
});
const running = worker.run();
const { taskQueue } = settings;
const client = new GeminiFilesClient(new Client({ connection }), { taskQueue });

serve({
  answers: {
    upload: timed((path) =>
      client.uploadAndWaitActive(path, { mimeType: 'video/mp4' }, { requestEagerStart: true }),
    ),
    status: () => worker.getStatus(),
    /** For a process that was started with the probe in it. */
    heap: async () => (await import('./heap-probe.js')).liveHeap(worker.options.workflowThreadPoolSize),
  },
  close: async () => {
    worker.shutdown();
    await running;
    await connection.close();
  },
});
