// One worker, until it is killed.
import { NativeConnection, Runtime, DefaultLogger } from '@temporalio/worker';
import { createGeminiFilesWorker } from '../../dist/worker/index.js';

const [address, baseUrl, root, identity, sourceOrigin] = process.argv.slice(2);
process.on('disconnect', () => process.exit());
Runtime.install({
  logger: new DefaultLogger('ERROR', () => undefined),
  telemetryOptions: { logging: { filter: { core: 'ERROR', other: 'ERROR' } } },
});

// The server may be down just now; a worker outlives that.
async function connect() {
  for (;;) {
    try {
      return await NativeConnection.connect({ address });
    } catch {
      await new Promise((next) => setTimeout(next, 200));
    }
  }
}

for (;;) {
  try {
    const connection = await connect();
    const worker = await createGeminiFilesWorker({
      connection,
      identity,
      baseUrl,
      apiKey: 'chaos',
      allowedRoots: [root],
      sources: { https: { allowedOrigins: [sourceOrigin], allowedAddresses: ['127.0.0.0/8'] } },
    });
    process.send?.('ready');
    await worker.run();
    break;
  } catch (error) {
    process.stderr.write(`worker: ${error.message}\n`);
  }
}
