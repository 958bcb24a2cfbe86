/** What the files of a run contain: a text that repeats, so that any part can be made anew and no file is held in memory. */
import { createHash } from 'node:crypto';

const CHUNK_BYTES = 256 * 1024;

/**
 * Bytes of a version of a file. Two versions of it, and two files, differ in each of these chunks.
 *
 * @param content - `{index, version, sizeBytes}`
 * @param to - exclusive
 */
export function* chunksOf({ index, version = 1, sizeBytes }, from = 0, to = sizeBytes) {
  const line = `run ${index}, version ${version};`;
  const lines = Buffer.from(line.repeat(Math.ceil(CHUNK_BYTES / line.length)));
  for (let at = from; at < to;) {
    const first = at % lines.length;
    const part = lines.subarray(first, Math.min(lines.length, first + to - at));
    yield part;
    at += part.length;
  }
}

/** Lower-case hex. */
export function sha256Of(content) {
  const hash = createHash('sha256');
  for (const chunk of chunksOf(content)) hash.update(chunk);
  return hash.digest('hex');
}
