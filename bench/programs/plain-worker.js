/** The plainest worker: two activities on the published SDK, `workflowsPath`, no options. It also starts runs itself. */
import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { GoogleGenAI } from '@google/genai';
import { Client } from '@temporalio/client';
import { NativeConnection, Worker } from '@temporalio/worker';
import { serve, settings, timed } from '../lib/serve.js';
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
const client = new Client({ connection });
const { taskQueue } = settings;

serve({
  answers: {
    upload: timed((path) =>
      client.workflow.execute('plain', { taskQueue, workflowId: randomUUID(), args: [path] }),
    ),
  },
  close: async () => {
    worker.shutdown();
    await running;
    await connection.close();
  },
});
