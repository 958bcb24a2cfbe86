/** A Runtime whose metrics and log lines a test can read. */

import { DefaultLogger, MetricsBuffer, type LogEntry, type RuntimeOptions } from '@temporalio/worker';

export interface Measured {
  readonly name: string;
  readonly value: number;
  readonly tags: Readonly<Record<string, unknown>>;
}

export interface Gauges {
  readonly runtime: RuntimeOptions;
  readonly logs: LogEntry[];
  /** The package's own metrics since the last call, in order. */
  readonly take: () => Measured[];
}

export function gauges(): Gauges {
  const buffer = new MetricsBuffer({ maxBufferSize: 100_000 });
  const logs: LogEntry[] = [];
  return {
    logs,
    runtime: {
      logger: new DefaultLogger('DEBUG', (entry) => void logs.push(entry)),
      telemetryOptions: {
        logging: { filter: { core: 'WARN', other: 'ERROR' } },
        metrics: { buffer },
      },
    },
    take: () =>
      [...buffer.retrieveUpdates()]
        .filter(({ metric }) => metric.name.startsWith('gemini_files_'))
        .map(({ metric, value, attributes }) => ({
          name: metric.name.slice('gemini_files_'.length),
          value,
          tags: attributes,
        })),
  };
}

/** Sum of a counter, or number of a histogram's values, by the values of one tag. */
export function totals(measured: readonly Measured[], name: string, tag: string): Record<string, number> {
  const found: Record<string, number> = {};
  for (const one of measured)
    if (one.name === name) found[String(one.tags[tag])] = (found[String(one.tags[tag])] ?? 0) + one.value;
  return found;
}

export const valuesOf = (measured: readonly Measured[], name: string): number[] =>
  measured.filter((one) => one.name === name).map(({ value }) => value);

export const sumOf = (measured: readonly Measured[], name: string): number =>
  valuesOf(measured, name).reduce((sum, value) => sum + value, 0);
