import type { WorkflowHandle } from '@temporalio/client';
import type { CommandContext } from '../command-context.js';
import { webUrl } from '../temporal-connection.js';

/** A run as results name it. */
export interface RunLink {
  readonly workflowId: string;
  readonly runId: string;
  /** Its page in Temporal's Web UI; null if the address of the Web UI is not known. */
  readonly webUrl: string | null;
}

export function toRunLink(
  { temporal, devServer }: CommandContext,
  { workflowId, runId }: Omit<RunLink, 'webUrl'>,
): RunLink {
  return { workflowId, runId, webUrl: webUrl(temporal, workflowId, runId, devServer?.uiUrl) };
}

/** The link to the latest run of the workflow. */
export async function fetchRunLink(
  context: CommandContext,
  workflow: Pick<WorkflowHandle, 'describe'>,
): Promise<RunLink> {
  return toRunLink(context, await workflow.describe());
}
