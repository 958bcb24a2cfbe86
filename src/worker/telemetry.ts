/** The Runtime's options for Prometheus under which the package's dashboard, alert rules and documentation name the metrics. */

import type { PrometheusMetricsExporter } from '@temporalio/worker';

/**
 * Bucket bounds, seconds, for `histogramBucketOverrides`: Temporal's own end at 10 s, which is the least that a long video
 * takes to become ACTIVE.
 */
export const HISTOGRAM_BUCKETS: Readonly<Record<string, number[]>> = {
  gemini_files_time_to_active_seconds: [0, 1, 2, 5, 10, 20, 30, 60, 90, 120, 300, 600, 1800, 3600],
  gemini_files_overshoot_seconds: [0.25, 0.5, 1, 2, 3, 5, 7.5, 10, 15, 30, 60, 300],
};

/**
 * For `telemetryOptions.metrics` of `Runtime.install`, in a program that makes its own worker.
 *
 * @param bindAddress - `host:port` on which Temporal's exporter serves `/metrics`
 */
export function prometheusMetrics(bindAddress: string): PrometheusMetricsExporter {
  return {
    prometheus: {
      bindAddress,
      // As Prometheus wants its names: `_total` on counters, and Temporal's own times in seconds, with the unit in the name.
      countersTotalSuffix: true,
      unitSuffix: true,
      useSecondsForDurations: true,
      histogramBucketOverrides: HISTOGRAM_BUCKETS,
    },
  };
}
