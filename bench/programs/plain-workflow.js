/** The plainest workflow: upload, sleep, get. The time between two looks is that of Google's own samples. */
import { proxyActivities, sleep } from '@temporalio/workflow';

const { uploadFile, getFile } = proxyActivities({ startToCloseTimeout: '10 minutes' });

export async function plain(path) {
  let file = await uploadFile(path);
  while (file.state === 'PROCESSING') {
    await sleep('5 seconds');
    file = await getFile(file.name);
  }
  return file.uri;
}
