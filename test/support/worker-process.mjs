/** A worker in a process of its own, to be killed: the built package, its settings in the environment as JSON. */

import { NativeConnection } from '@temporalio/worker';
import { createGeminiFilesWorker } from '../../dist/worker/index.js';

const { address, namespace, ...options } = JSON.parse(process.env.TEST_WORKER);
const connection = await NativeConnection.connect({ address });
const worker = await createGeminiFilesWorker({ ...options, connection, namespace });
process.send?.('running');
await worker.run();
