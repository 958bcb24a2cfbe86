/**
 * What Temporal's SDK knows of the running workflow and has no public function for. Whatever a version of the SDK does
 * not have is `undefined` here, and the caller says what it does then.
 */

import type { WorkflowInterceptors } from '@temporalio/workflow';

interface SdkState {
  /** The function that the worker has found under the workflow's type. */
  readonly workflow?: unknown;
  /** Whether an error that is not a `TemporalFailure` fails the workflow, as the user has configured it. */
  isConfiguredFailureException?(error: unknown): boolean;
  /** What the worker's modules have added. */
  readonly interceptors?: { readonly internals?: WorkflowInterceptors['internals'] };
}

const sdkState = (): SdkState =>
  (globalThis as { readonly __TEMPORAL_ACTIVATOR__?: SdkState }).__TEMPORAL_ACTIVATOR__ ?? {};

/** The function that runs as the workflow. */
export function registeredWorkflow(): unknown {
  return sdkState().workflow;
}

/** Whether the worker (`workflowFailureErrorTypes`) or the workflow (`failureExceptionTypes`) is configured to fail with `error`. */
export function isConfiguredFailure(error: unknown): boolean | undefined {
  return sdkState().isConfiguredFailureException?.(error);
}

/**
 * Calls `look` before the workflow gets the next events, and each later ones: what it throws keeps them from the workflow. An
 * interceptor does the same, but has to be configured on the worker, in a bundle that may be the user's.
 */
export function beforeEvents(look: () => void): void {
  sdkState().interceptors?.internals?.push({
    activate(input, next) {
      look();
      next(input);
    },
  });
}
