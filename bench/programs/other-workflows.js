/** What the package's workflow is compared with in the cost part. */
import { proxyActivities } from '@temporalio/workflow';

export { plain } from './plain-workflow.js';

/** No timers: the check fails until the file is ACTIVE, and the server tries it again. */
export async function retried(delayMs) {
  const { uploadFile, checkUntilActive } = proxyActivities({ startToCloseTimeout: '10 minutes' });
  const file = await uploadFile('clip.mp4');
  return (await checkUntilActive(file.name, delayMs)).uri;
}
