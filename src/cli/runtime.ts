import { DefaultLogger, Runtime, type LogLevel } from '@temporalio/worker';

/**
 * Sets up Temporal's runtime: its log on stderr, and signals left to the command. Only right before a worker's connection is made:
 * a runtime that nothing has used keeps the process alive.
 */
export function installRuntime(level: LogLevel): void {
  Runtime.install({
    logger: new DefaultLogger(level, ({ level: entryLevel, message, meta }) => {
      process.stderr.write(`${entryLevel} ${message}${meta ? ` ${JSON.stringify(meta, errorText)}` : ''}\n`);
    }),
    telemetryOptions: { logging: { forward: {}, filter: { core: level, other: 'WARN' } } },
    shutdownSignals: [],
  });
}

function errorText(_key: string, value: unknown): unknown {
  if (value instanceof Error) return value.message;
  return typeof value === 'bigint' ? String(value) : value;
}
