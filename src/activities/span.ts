/** Attributes of the activity's span, if the worker traces with OpenTelemetry (an optional peer). */

import type * as OpenTelemetry from '@opentelemetry/api';

let api: typeof OpenTelemetry | undefined;
// At the start and once: an activity must not wait for it.
void import('@opentelemetry/api').then(
  (module) => (api = module),
  () => undefined,
);

/** No path, key or session belongs here. */
export function setSpanAttributes(attributes: Readonly<Record<string, number>>): void {
  api?.trace.getActiveSpan()?.setAttributes(attributes);
}
