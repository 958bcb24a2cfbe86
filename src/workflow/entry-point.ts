/** Whether a call is the workflow itself, or an inline call in a user's workflow. */

import { patched, workflowInfo } from '@temporalio/workflow';
import { registeredWorkflow } from './sdk-internals.js';

export interface EntryPoint {
  /** Whether the run is the workflow's: its query, its signal and its details are this package's then. */
  readonly isTopLevel: boolean;
  /** Whether the call continues the workflow as new by itself. To ask this may mark the history: ask only before doing it. */
  continuesAsNew(): boolean;
}

/**
 * Recognizes the package's workflow by the function that the worker runs. The type's name alone does not tell: a user's
 * workflow may have the same name, and our own may be exported under another one.
 *
 * @param entry - the exported function that was called
 * @param type - the type under which this package exports it
 */
export function describeEntryPoint(entry: unknown, type: string): EntryPoint {
  const byName = workflowInfo().workflowType === type;
  const registered = registeredWorkflow();
  // An SDK that does not show the function: the name is all that there is.
  const own = registered === undefined ? byName : registered === entry;
  return {
    isTopLevel: own,
    // 0.1.0 compared the name. If the two differ, a run that 0.1.0 started continues as 0.1.0 would.
    continuesAsNew: () => (own === byName || patched('own-entry-by-function') ? own : byName),
  };
}
