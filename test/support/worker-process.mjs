/** A worker of the built package in its own process, for tests that kill it. Its settings are JSON in the environment. */

import { NativeConnection } from '@temporalio/worker';
import { createGeminiFilesWorker } from '../../dist/worker/index.js';

const { address, namespace, ...options } = JSON.parse(process.env.TEST_WORKER);
const connection = await NativeConnection.connect({ address });
const worker = await createGeminiFilesWorker({ ...options, connection, namespace });
process.send?.('running');
await worker.run();
