/** Prometheus options of the Runtime. The metric names in the dashboard, the alert rules and the documentation depend on them. */

import type { PrometheusMetricsExporter } from '@temporalio/worker';

/**
 * Bucket bounds in seconds, for `histogramBucketOverrides`. Temporal's defaults end at 10 s, and a long video takes longer than
 * that to become ACTIVE.
 */
export const HISTOGRAM_BUCKETS: Readonly<Record<string, number[]>> = {
  gemini_files_time_to_active_seconds: [0, 1, 2, 5, 10, 20, 30, 60, 90, 120, 300, 600, 1800, 3600],
  gemini_files_overshoot_seconds: [0.25, 0.5, 1, 2, 3, 5, 7.5, 10, 15, 30, 60, 300],
};

/**
 * For `telemetryOptions.metrics` of `Runtime.install`, in a program that creates its own worker.
 *
 * @param bindAddress - `host:port` on which Temporal's exporter serves `/metrics`
 *
 * @example
 * ```ts
 * import { Runtime } from '@temporalio/worker';
 * import { prometheusMetrics } from 'temporal-gemini-files/worker';
 *
 * Runtime.install({ telemetryOptions: { metrics: prometheusMetrics('127.0.0.1:9464') } });
 * ```
 */
export function prometheusMetrics(bindAddress: string): PrometheusMetricsExporter {
  return {
    prometheus: {
      bindAddress,
      // Prometheus's naming rules: `_total` on counters, times in seconds, and the unit in the name.
      countersTotalSuffix: true,
      unitSuffix: true,
      useSecondsForDurations: true,
      histogramBucketOverrides: HISTOGRAM_BUCKETS,
    },
  };
}
