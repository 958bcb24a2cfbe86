// A worker of the package in a process of its own, for tests that kill it. Arguments: one JSON object of options, and the address.
import { NativeConnection } from '@temporalio/worker';
import { createGeminiFilesWorker } from '../../dist/worker/index.js';

const { address, namespace, ...options } = JSON.parse(process.argv[2]);
const connection = await NativeConnection.connect({ address });
const worker = await createGeminiFilesWorker({ ...options, connection, namespace });
process.stdout.write('ready\n');
await worker.run();
