// Temporal's runtime for programs that print their result on stdout. By itself, the native part of the SDK logs there.
import { DefaultLogger, Runtime } from '@temporalio/worker';

/** The states of a worker are no news: what is logged, on stderr, is at least of this level. Signals are left to the program. */
export function installQuietRuntime(level = 'ERROR') {
  Runtime.install({
    logger: new DefaultLogger(level),
    telemetryOptions: { logging: { forward: {}, filter: { core: level, other: level } } },
    shutdownSignals: [],
  });
}
