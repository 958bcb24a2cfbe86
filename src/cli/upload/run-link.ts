import { WorkflowFailedError, type WorkflowHandle } from '@temporalio/client';
import { isGeminiFilesError } from '../../contract/errors.js';
import type { CommandContext } from '../command-context.js';
import { noteRun } from '../error-report.js';
import { ownCommand } from '../own-command.js';
import { shellWord } from '../../util/shell-word.js';
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
  return devServer && `To see this run in Temporal's Web UI: ${ownCommand()} ui ${shellWord(workflowId)}`;
}

/**
 * The link of an ended run. A run that continued as new has another run id at its end.
 *
 * @param started - the link at the start, for a server that does not answer now: how the run ended is known already
 */
export async function fetchLastingLink(
  context: CommandContext,
  workflow: Pick<WorkflowHandle, 'describe'>,
  started: RunLink,
): Promise<RunLink> {
  return toLastingLink(context, await fetchRunLink(context, workflow).catch(() => started));
}

/** The same of a run that has failed with `error`, or that this command has lost. */
export async function fetchEndedLink(
  context: CommandContext,
  workflow: Pick<WorkflowHandle, 'describe'>,
  started: RunLink,
  error: unknown,
): Promise<RunLink> {
  const hasEnded = isGeminiFilesError(error) || error instanceof WorkflowFailedError;
  return hasEnded ? fetchLastingLink(context, workflow, started) : toLastingLink(context, started);
}

/** The link of a run that was just started. If the server does not tell it, the error names the run, which goes on. */
export async function fetchNotedLink(
  context: CommandContext,
  workflow: Pick<WorkflowHandle, 'describe' | 'workflowId'>,
): Promise<RunLink> {
  try {
    return await fetchRunLink(context, workflow);
  } catch (error) {
    noteRun(error, { workflowId: workflow.workflowId });
    throw error;
  }
}

/** The link to the latest run of the workflow. */
export async function fetchRunLink(
  context: CommandContext,
  workflow: Pick<WorkflowHandle, 'describe'>,
): Promise<RunLink> {
  return toRunLink(context, await workflow.describe());
}
