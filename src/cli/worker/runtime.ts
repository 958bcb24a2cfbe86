import type { LogEntry, LogLevel } from '@temporalio/worker';
import { loadWorkerSdk } from '../../worker/load-sdk.js';
import { prometheusMetrics } from '../../worker/telemetry.js';
import type { LogFormat } from './log-format.js';

export interface RuntimeSettings {
  readonly level: LogLevel;
  /** Format of the log. @default 'text' */
  readonly format?: LogFormat;
  /** `host:port` for Temporal's Prometheus exporter. @default no exporter */
  readonly metricsAddress?: string;
}

/**
 * Sets up Temporal's runtime: it logs on stderr and leaves signals to the command. Call it directly before a worker connects,
 * because a runtime that is never used keeps the process alive.
 */
export async function installRuntime({
  level,
  format = 'text',
  metricsAddress,
}: RuntimeSettings): Promise<void> {
  // Only commands that run a worker load the SDK's native module.
  const { DefaultLogger, Runtime } = await loadWorkerSdk();
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

/** Who runs what is in the Web UI: a line for people names the file, the run and the attempt. */
const LEFT_OUT: ReadonlySet<string> = new Set([
  ...['taskToken', 'sdkComponent', 'isLocal', 'namespace', 'taskQueue', 'activityId', 'workflowType'],
  ...['runId', 'workflowRunId', 'target_', 'span_contexts'],
]);

/** `2026-11-27T02:46:41Z WARN  message  name=value …` */
export function textLine({ level, message, meta, timestampNanos }: LogEntry): string {
  const fields = Object.entries(meta ?? {})
    .filter(([name, value]) => !LEFT_OUT.has(name) && value !== undefined)
    .map(([name, value]) => `${name}=${textOf(value)}`);
  // In UTC: the logs of several hosts are read together.
  const time = new Date(timeOf(timestampNanos)).toISOString().replace(/\.\d+Z$/, 'Z');
  return [`${time} ${level.padEnd(5)} ${message}`, ...fields].join('  ');
}

function textOf(value: unknown): string {
  const text = JSON.stringify(value, plain) ?? String(value);
  return /^"[^\s"\\=]+"$/.test(text) ? text.slice(1, -1) : text;
}

export function jsonLine({ level, message, meta, timestampNanos }: LogEntry): string {
  const time = new Date(timeOf(timestampNanos)).toISOString();
  // A task token answers for a task, and is of no use in a log.
  return JSON.stringify({ time, level, message, ...meta, taskToken: undefined }, plain);
}

const timeOf = (timestampNanos: bigint) => Number(timestampNanos / 1_000_000n);

function plain(_key: string, value: unknown): unknown {
  if (typeof value === 'bigint') return String(value);
  // Errors of the workflow sandbox are not of this realm's class.
  const { message, stack } = Object(value) as Partial<Error>;
  return typeof message === 'string' && typeof stack === 'string' ? message : value;
}
