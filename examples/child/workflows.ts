/** The wait as a child workflow: a history, a query and a line in the Web UI of its own. */

import { executeChild, workflowInfo } from '@temporalio/workflow';
import { uploadAndWaitActive } from 'temporal-gemini-files/workflow';

// So that the worker knows the child's type.
export { uploadAndWaitActive };

export async function uploadInChild(path: string): Promise<string> {
  const file = await executeChild(uploadAndWaitActive, {
    workflowId: `${workflowInfo().workflowId}-upload`,
    args: [{ path, timeout: '90s' }],
    // Where this workflow is terminated, the child is cancelled, and deletes its file. A cancellation reaches it anyhow.
    parentClosePolicy: 'REQUEST_CANCEL',
  });
  return file.uri;
}
