/** What the recorded histories are of: the package's workflows, and some that embed them or lead to them. */

import { executeChild } from '@temporalio/workflow';
import { uploadAndWaitActive, withHeldFile, type HoldOptions, type UploadOptions } from '../../src/workflow/index.js';

export { preuploadAndWaitActive, sweepAbandonedFiles, uploadAndWaitActive, holdActiveFile, waitActive } from '../../src/workflow/index.js';

export { holdActiveFile as handsOver } from '../workflow/fixtures/hands-over.js';

export async function embedsAsChild(input: UploadOptions): Promise<string> {
  const file = await executeChild(uploadAndWaitActive, { args: [input] });
  return file.uri;
}

export async function embedsInline(input: UploadOptions): Promise<string> {
  const file = await uploadAndWaitActive(input);
  return file.uri;
}

export async function embedsHeld(input: HoldOptions): Promise<string> {
  return withHeldFile(input, async (held) => (await held.current()).uri);
}
