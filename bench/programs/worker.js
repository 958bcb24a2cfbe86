/** This package's worker, with its defaults. */
import { NativeConnection } from '@temporalio/worker';
import { createGeminiFilesWorker } from '../../dist/worker/index.js';
import { serve, settings } from '../lib/serve.js';
import { quiet } from '../lib/runtime.js';

quiet();
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

serve({
  answers: { status: () => worker.getStatus() },
  close: async () => {
    worker.shutdown();
    await running;
    await connection.close();
  },
});
