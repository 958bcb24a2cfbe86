import { DefaultLogger, Runtime } from '@temporalio/worker';

/** Temporal's runtime without its log; signals are the parent's. */
export function quiet() {
  Runtime.install({
    logger: new DefaultLogger('ERROR'),
    telemetryOptions: { logging: { filter: { core: 'ERROR', other: 'ERROR' } } },
    shutdownSignals: [],
  });
}
