// Bundles the workflows once, at build time: a cold start does not have to.
import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode } from '@temporalio/worker';

const workflowsPath = fileURLToPath(import.meta.resolve('temporal-gemini-files/workflow'));
const { code } = await bundleWorkflowCode({ workflowsPath });
await writeFile(new URL('workflow-bundle.js', import.meta.url), code);
