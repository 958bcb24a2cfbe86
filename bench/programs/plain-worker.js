/** The plainest worker: two activities on the published SDK, `workflowsPath`, no options. */
import { fileURLToPath } from 'node:url';
import { GoogleGenAI } from '@google/genai';
import { NativeConnection, Worker } from '@temporalio/worker';
import { serve, settings } from '../lib/serve.js';
import { installQuietRuntime } from '../../scripts/quiet-runtime.js';

installQuietRuntime();
const ai = new GoogleGenAI({ apiKey: 'bench', httpOptions: { baseUrl: settings.url } });
const connection = await NativeConnection.connect({ address: settings.address });
const worker = await Worker.create({
  connection,
  taskQueue: settings.taskQueue,
  workflowsPath: fileURLToPath(new URL('plain-workflow.js', import.meta.url)),
  activities: {
    uploadFile: (path) => ai.files.upload({ file: path, config: { mimeType: 'video/mp4' } }),
    getFile: (name) => ai.files.get({ name }),
  },
  ...settings.worker,
});
const running = worker.run();

serve({
  close: async () => {
    worker.shutdown();
    await running;
    await connection.close();
  },
});
