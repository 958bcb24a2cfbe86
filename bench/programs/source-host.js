/**
 * An https server that files are read from: `/SIZE.mp4` has SIZE bytes, which come from memory, so that it is not what limits. It serves
 * ranges and names a version.
 */
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:https';
import { MIB } from '../lib/files.js';
import { serve } from '../lib/serve.js';
import { identity } from '../lib/tls.js';

const block = randomBytes(MIB);
const counts = { requests: 0, bytes: 0 };

const server = createServer(identity, async (request, response) => {
  counts.requests += 1;
  const size = Number.parseInt(request.url.slice(1), 10);
  const [, first, last] = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '') ?? [];
  const start = first === undefined ? 0 : Number(first);
  const end = first === undefined ? size : Math.min(Number(last) + 1, size);
  response.writeHead(first === undefined ? 200 : 206, {
    'content-type': 'video/mp4',
    'content-length': end - start,
    etag: `"${size}"`,
    ...(first !== undefined && { 'content-range': `bytes ${start}-${end - 1}/${size}` }),
  });
  await send(response, start, end);
});

async function send(response, start, end) {
  for (let at = start; at < end && !response.destroyed;) {
    const chunk = block.subarray(at % MIB, Math.min(MIB, (at % MIB) + end - at));
    at += chunk.length;
    counts.bytes += chunk.length;
    // Its callback comes when the system has the bytes, or when the connection is gone.
    await new Promise((next) => response.write(chunk, next));
  }
  response.end();
}

server.listen(0, '127.0.0.1');
server.requestTimeout = 0;
await once(server, 'listening');

serve({
  ready: { origin: `https://127.0.0.1:${server.address().port}` },
  answers: {
    /** The counts since the last call. */
    books() {
      const books = { ...counts };
      for (const name of Object.keys(counts)) counts[name] = 0;
      return books;
    },
  },
  close: () => server.closeAllConnections(),
});
