/** The floor: one streaming POST of a file, hashed on the way. No protocol, no checks, and no resume after a break. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { rawUpload } from '../lib/raw-upload.js';
import { serve, settings, timed } from '../lib/serve.js';

/** Node reads files by 64 KiB by default; larger reads are faster, up to about 1 MiB. */
const { url, chunkBytes = 1024 * 1024, hashed = true } = settings;

async function upload(path) {
  const hash = createHash('sha256');
  const { size } = await stat(path);
  const chunks = createReadStream(path, { highWaterMark: chunkBytes });
  await rawUpload(url, size, chunks, (chunk) => hashed && hash.update(chunk));
  return hash.digest('hex');
}

serve({
  answers: {
    upload: timed(upload),
  },
});
