/** The wait as a child workflow: a history, a query and a line in the Web UI of its own. */

import { executeChild, workflowInfo } from '@temporalio/workflow';
import { uploadAndWaitActive } from 'temporal-gemini-files/workflow';

// So that the worker knows the child's type.
export { uploadAndWaitActive };

export async function uploadInChild(path: string): Promise<string> {
  const file = await executeChild(uploadAndWaitActive, {
    workflowId: `${workflowInfo().workflowId}-upload`,
    args: [{ path, timeout: '90s' }],
    // If this workflow ends first (it returns, fails, times out, is terminated or continues as new), the child is cancelled and
    // deletes its file. By default Temporal would terminate the child, and the file would stay.
    parentClosePolicy: 'REQUEST_CANCEL',
  });
  return file.uri;
}
