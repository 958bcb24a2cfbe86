/** The floor of a source: one GET, piped into one POST, hashed on the way. No protocol, no checks, and no resume after a break. */
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { Agent, get } from 'node:https';
import { rawUpload } from '../lib/raw-upload.js';
import { serve, settings, timed } from '../lib/serve.js';

/** What the connection hands on at once; by default Node's own. */
const { url, chunkBytes } = settings;
const agent = new Agent({ keepAlive: true, ...(chunkBytes && { highWaterMark: chunkBytes }) });

async function upload(source) {
  const hash = createHash('sha256');
  const [answer] = await once(get(source, { agent }), 'response');
  await rawUpload(url, answer.headers['content-length'], answer, (chunk) => hash.update(chunk));
  return hash.digest('hex');
}

serve({ answers: { upload: timed(upload) } });
