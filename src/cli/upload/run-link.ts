import type { WorkflowHandle } from '@temporalio/client';
import type { CommandContext } from '../command-context.js';
import { ownCommand } from '../own-command.js';
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

/** The link of an ended run as a result names it: the embedded server may end with this command, so no link to it is left. */
export function toLastingLink({ devServer }: Pick<CommandContext, 'devServer'>, link: RunLink): RunLink {
  return devServer ? { ...link, webUrl: null } : link;
}

/** How to see an ended run; undefined if its link is known, or nothing is. */
export function webUiHint(
  { devServer }: Pick<CommandContext, 'devServer'>,
  workflowId: string,
): string | undefined {
  return devServer && `To see this run in Temporal's Web UI: ${ownCommand()} ui ${workflowId}`;
}

/** The link to the latest run of the workflow. */
export async function fetchRunLink(
  context: CommandContext,
  workflow: Pick<WorkflowHandle, 'describe'>,
): Promise<RunLink> {
  return toRunLink(context, await workflow.describe());
}
