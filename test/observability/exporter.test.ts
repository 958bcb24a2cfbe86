/** What Temporal's own exporter serves, in a worker of the user's. */

import { DefaultLogger, Runtime } from '@temporalio/worker';
import { expect, it } from 'vitest';
import { freePort } from '../../src/util/free-port.js';
import { prometheusMetrics } from '../../src/worker/index.js';

it('names the content type, without which Prometheus 3 would need a setting', async () => {
  const address = `127.0.0.1:${await freePort()}`;
  Runtime.install({
    logger: new DefaultLogger('ERROR'),
    telemetryOptions: { metrics: prometheusMetrics(address) },
    shutdownSignals: [],
  });
  const typeAt = async (path: string) => {
    const response = await fetch(`http://${address}${path}`);
    await response.text();
    return [response.status, response.headers.get('content-type')];
  };
  await expect.poll(() => typeAt('/metrics')).toEqual([200, 'text/plain; version=0.0.4']);
  expect(await typeAt('/healthz')).toEqual([404, null]);
});
