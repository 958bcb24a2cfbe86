/** The floor: one streaming POST of a file, hashed on the way. No protocol, no checks, and no resume after a break. */
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { openUpload } from '../lib/open-upload.js';
import { serve, settings, timed } from '../lib/serve.js';

/** Node reads files by 64 KiB by default; larger reads are faster, up to about 1 MiB. */
const { url, chunkBytes = 1024 * 1024, hashed = true } = settings;
const request = url.startsWith('https:') ? httpsRequest : httpRequest;

async function upload(path) {
  const hash = createHash('sha256');
  const post = request(await openUpload(url), {
    method: 'POST',
    headers: { 'content-length': (await stat(path)).size, 'x-goog-upload-command': 'upload, finalize' },
  });
  const answered = once(post, 'response');
  for await (const chunk of createReadStream(path, { highWaterMark: chunkBytes })) {
    if (hashed) hash.update(chunk);
    if (!post.write(chunk)) await once(post, 'drain');
  }
  post.end();
  const [response] = await answered;
  response.resume();
  await once(response, 'end');
  return hash.digest('hex');
}

serve({
  answers: {
    upload: timed(upload),
  },
});
