// A worker of the plainest workflow, as bench/ has it: two activities on the published SDK. Its server and provider come from the environment.
import { fileURLToPath } from 'node:url';
import { GoogleGenAI } from '@google/genai';
import { NativeConnection, Worker } from '@temporalio/worker';
import { installQuietRuntime } from '../../scripts/quiet-runtime.js';

installQuietRuntime();
const { TEMPORAL_ADDRESS: address, GEMINI_API_KEY: apiKey, GOOGLE_GEMINI_BASE_URL: baseUrl } = process.env;
const [displayName] = process.argv.slice(2);
const ai = new GoogleGenAI({ apiKey, httpOptions: { baseUrl } });
const taskQueue = 'gemini-files';
const worker = await Worker.create({
  connection: await NativeConnection.connect({ address }),
  taskQueue,
  workflowsPath: fileURLToPath(new URL('../../bench/programs/plain-workflow.js', import.meta.url)),
  activities: {
    uploadFile: (file) => ai.files.upload({ file, config: { mimeType: 'video/mp4', displayName } }),
    getFile: (name) => ai.files.get({ name }),
  },
});
const running = worker.run();
process.stdout.write(`${JSON.stringify({ taskQueue })}\n`);
await running;
