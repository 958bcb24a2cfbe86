/** The raw upload of the floors: one POST that finalizes, without checks, and without a resume after a break. */
import { once } from 'node:events';
import { openUpload, requestOf } from './open-upload.js';

/**
 * @param chunks - async iterable of the body
 * @param onChunk - called with each chunk before it is written
 */
export async function rawUpload(url, length, chunks, onChunk) {
  const post = requestOf(url)(await openUpload(url), {
    method: 'POST',
    headers: { 'content-length': length, 'x-goog-upload-command': 'upload, finalize' },
  });
  const answered = once(post, 'response');
  for await (const chunk of chunks) {
    onChunk(chunk);
    if (!post.write(chunk)) await once(post, 'drain');
  }
  post.end();
  const [response] = await answered;
  response.resume();
  await once(response, 'end');
}
