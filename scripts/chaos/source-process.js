// The https host that files come from, in a process of its own that nothing kills. Told over IPC what it has, and what it does.
import { once } from 'node:events';
import { createServer } from 'node:https';
import { pipeline } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { identity } from '../../bench/lib/tls.js';
import { chunksOf } from './content.js';
import { answerCalls } from './service.js';

/** By path: what was asked to be served, the version that is served, the bytes sent so far, and the faults to come. */
const files = new Map();
const faultsMet = {};
let changed = 0;

const server = createServer(identity, (request, response) => {
  response.on('error', () => undefined);
  void serve(request, response).catch(() => response.socket?.destroy());
});
server.on('tlsClientError', () => undefined);
server.listen(0, '127.0.0.1');
await once(server, 'listening');

async function serve(request, response) {
  const file = files.get(request.url);
  if (!file) return response.writeHead(404).end();
  const fault = file.faults.shift();
  if (fault) faultsMet[fault.do] = (faultsMet[fault.do] ?? 0) + 1;
  if (fault?.do === 'delay') await sleep(fault.ms);
  if (fault?.do === 'reset') return response.socket.resetAndDestroy();
  if (fault?.do === 'answer503') return response.writeHead(503, fault.headers).end('not now');
  const { status, from, to } = partOf(file, request.headers);
  const { sizeBytes } = file;
  response.writeHead(status, {
    'content-type': 'application/octet-stream',
    'content-length': to - from,
    ...(status === 206 && { 'content-range': `bytes ${from}-${to - 1}/${sizeBytes}` }),
    ...(status === 416 && { 'content-range': `bytes */${sizeBytes}` }),
    ...etagOf(file),
  });
  const most = fault?.do === 'break' ? fault.afterBytes : Infinity;
  await pipeline(bodyOf(file, from, to, most), response);
}

/** Throws to break the connection: after `most` bytes, and when the file changes. */
function* bodyOf(file, from, to, most) {
  const { index, version, sizeBytes } = file;
  let left = most;
  for (const chunk of chunksOf({ index, version, sizeBytes }, from, to)) {
    const part = chunk.subarray(0, left);
    left -= part.length;
    countSent(file, part.length);
    yield part;
    // Bytes of two versions in one answer: no reader could notice that.
    if (left === 0 || file.version !== version) throw new Error('the connection breaks');
  }
}

function countSent(file, bytes) {
  file.sent += bytes;
  if (!file.change || file.version > 1 || file.sent < file.change.afterBytes) return;
  file.version = 2;
  file.sizeBytes = file.change.sizeBytes;
  changed += 1;
}

const etagOf = ({ validator, version }) =>
  validator === 'none' ? {} : { etag: `${validator === 'weak' ? 'W/' : ''}"v${version}"` };

function partOf(file, headers) {
  const all = { status: 200, from: 0, to: file.sizeBytes };
  const [, first, last] = /^bytes=(\d+)-(\d*)$/.exec(headers.range ?? '') ?? [];
  if (!file.ranges || first === undefined) return all;
  // A weak tag never fulfils the condition (RFC 9110, 13.1.5).
  const condition = headers['if-range'];
  if (condition !== undefined && (file.validator !== 'strong' || condition !== etagOf(file).etag)) return all;
  if (Number(first) >= file.sizeBytes) return { status: 416, from: 0, to: 0 };
  const to = last ? Math.min(Number(last) + 1, file.sizeBytes) : file.sizeBytes;
  return { status: 206, from: Number(first), to };
}

answerCalls(`https://127.0.0.1:${server.address().port}`, {
  /** Serves `{path, index, sizeBytes, validator, ranges, faults, change?}`. */
  serve: (file) => void files.set(file.path, { ...file, faults: [...file.faults], version: 1, sent: 0 }),
  counts: () => ({ faultsMet, changed }),
  close: () => {
    server.closeAllConnections();
    server.close();
    return once(server, 'close');
  },
});
