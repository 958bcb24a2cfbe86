import { DefaultLogger, Runtime, type LogEntry, type LogLevel } from '@temporalio/worker';
import { prometheusMetrics } from '../../worker/index.js';

export const LOG_FORMATS = ['text', 'json'] as const;
export type LogFormat = (typeof LOG_FORMATS)[number];

export interface RuntimeSettings {
  readonly level: LogLevel;
  /** @default 'text' */
  readonly format?: LogFormat;
  /** `host:port` for Temporal's Prometheus exporter. @default no exporter */
  readonly metricsAddress?: string;
}

/**
 * Sets up Temporal's runtime: it logs on stderr and leaves signals to the command. Call it directly before a worker connects,
 * because a runtime that is never used keeps the process alive.
 */
export function installRuntime({ level, format = 'text', metricsAddress }: RuntimeSettings): void {
  const line = format === 'json' ? jsonLine : textLine;
  Runtime.install({
    logger: new DefaultLogger(level, (entry) => void process.stderr.write(`${line(entry)}\n`)),
    telemetryOptions: {
      logging: { forward: {}, filter: { core: level, other: 'WARN' } },
      ...(metricsAddress !== undefined && { metrics: prometheusMetrics(metricsAddress) }),
    },
    shutdownSignals: [],
  });
}

function textLine({ level, message, meta }: LogEntry): string {
  return `${level} ${message}${meta ? ` ${JSON.stringify(meta, plain)}` : ''}`;
}

function jsonLine({ level, message, meta, timestampNanos }: LogEntry): string {
  const time = new Date(Number(timestampNanos / 1_000_000n)).toISOString();
  return JSON.stringify({ time, level, message, ...meta }, plain);
}

function plain(_key: string, value: unknown): unknown {
  if (value instanceof Error) return value.message;
  return typeof value === 'bigint' ? String(value) : value;
}
