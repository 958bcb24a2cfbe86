import type { UploadHandle } from '../../client/index.js';
import type { Session } from '../command-context.js';
import { webUrl } from '../temporal-connection.js';

/** A run as results name it. */
export interface RunLink {
  readonly workflowId: string;
  readonly runId: string;
  /** Its page in Temporal's Web UI; null where nobody knows where that is. */
  readonly webUrl: string | null;
}

export async function runLink(session: Session, { workflow }: UploadHandle): Promise<RunLink> {
  const { workflowId } = workflow;
  const { runId } = await workflow.describe();
  return { workflowId, runId, webUrl: webUrl(session.target, workflowId, runId, session.uiUrl) ?? null };
}
