/** Whether a run that a client starts may begin on a worker in the same process, without a task queue in between. */

// By namespace: an import of the symbol by name would fail, and with it this package, if a later SDK does not export it.
import * as sdk from '@temporalio/client';

/**
 * The start option that asks the server for the run's first workflow task in its answer to the start. Temporal's client accepts it only with a
 * `NativeConnection`, and says so by a symbol that it calls internal. The worker takes the task if it polls that task queue on the same connection
 * and has a free slot. Otherwise the run starts as usual, as it does if the SDK has no such symbol.
 */
export function eagerStart({ connection }: Pick<sdk.Client, 'connection'>): { requestEagerStart?: true } {
  const capabilities = (connection as sdk.InternalConnectionLike)[sdk.InternalConnectionLikeSymbol];
  return capabilities?.supportsEagerStart === true ? { requestEagerStart: true } : {};
}
