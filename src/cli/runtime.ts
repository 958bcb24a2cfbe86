import { DefaultLogger, Runtime, type LogLevel } from '@temporalio/worker';

/** Sets up Temporal's runtime for a command: its log on stderr, and signals left to the command where it says so. */
export function installRuntime(level: LogLevel, ownSignals: boolean): void {
  Runtime.install({
    logger: new DefaultLogger(level, ({ level: entryLevel, message, meta }) => {
      process.stderr.write(`${entryLevel} ${message}${meta ? ` ${JSON.stringify(meta, errorText)}` : ''}\n`);
    }),
    telemetryOptions: { logging: { forward: {}, filter: { core: level, other: 'WARN' } } },
    ...(ownSignals && { shutdownSignals: [] }),
  });
}

function errorText(_key: string, value: unknown): unknown {
  if (value instanceof Error) return value.message;
  return typeof value === 'bigint' ? String(value) : value;
}
