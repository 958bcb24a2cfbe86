/** The floor of a source: one GET, piped into one POST, hashed on the way. No protocol, no checks, and no resume after a break. */
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { request } from 'node:http';
import { Agent, get } from 'node:https';
import { openUpload } from '../lib/open-upload.js';
import { serve, settings, timed } from '../lib/serve.js';

/** What the connection hands on at once; by default Node's own. */
const { url, chunkBytes } = settings;
const agent = new Agent({ keepAlive: true, ...(chunkBytes && { highWaterMark: chunkBytes }) });

async function upload(source) {
  const hash = createHash('sha256');
  const [answer] = await once(get(source, { agent }), 'response');
  const post = request(await openUpload(url), {
    method: 'POST',
    headers: {
      'content-length': answer.headers['content-length'],
      'x-goog-upload-command': 'upload, finalize',
    },
  });
  const answered = once(post, 'response');
  for await (const chunk of answer) {
    hash.update(chunk);
    if (!post.write(chunk)) await once(post, 'drain');
  }
  post.end();
  const [response] = await answered;
  response.resume();
  await once(response, 'end');
  return hash.digest('hex');
}

serve({ answers: { upload: timed(upload) } });
