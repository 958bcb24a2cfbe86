// An AWS Lambda function that is a worker for the time of each invocation: it uploads, checks and deletes until Lambda's deadline comes near.
import { fileURLToPath } from 'node:url';
import { runWorker } from '@temporalio/lambda-worker';
import { GeminiFilesPlugin } from 'temporal-gemini-files/worker';

export const handler = runWorker({ deploymentName: 'gemini-files', buildId: 'v1' }, ({ workerOptions }) => {
  workerOptions.taskQueue = 'gemini-files';
  workerOptions.workflowBundle = {
    codePath: fileURLToPath(new URL('workflow-bundle.js', import.meta.url)),
  };
  // A function has no files of its own: name a bucket. The roles of the function give the credentials (AWS_*).
  const { BUCKET: bucket, AWS_REGION: region = 'us-east-1' } = process.env;
  const sources = bucket === undefined ? {} : { media: { type: 's3', bucket, region } };
  workerOptions.plugins = [new GeminiFilesPlugin({ allowedRoots: ['/tmp'], sources })];
});
