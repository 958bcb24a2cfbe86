/**
 * The least that speaks the Files API: counts bytes and keeps no content, so that it is not what limits the uploads. It names no
 * hash, for it makes none. A file is PROCESSING for `processingMs` from its last byte on.
 */
import { createServer } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { once } from 'node:events';
import { randomUUID } from 'node:crypto';
import { cert, key } from '../lib/certificate.js';
import { serve, settings } from '../lib/serve.js';

/** `keeps`: what is left of a request that broke off, whole granules as the emulator does by default, or `'none'`. */
const { processingMs = 0, tls = false, keeps = 'granular' } = settings;
const GRANULARITY = 8 * 1024 * 1024;

/** Sessions by upload id, files by name. */
const sessions = new Map();
const files = new Map();
const counts = { starts: 0, data: 0, finals: 0, gets: 0, lists: 0, deletes: 0, bytes: 0, received: 0 };
/** Bytes of data that somebody waits for, and how to tell them. */
let awaited;
/** Wall clock of the first request, and of the first byte of a file. */
const firsts = {};

async function json(request) {
  let text = '';
  for await (const chunk of request) text += chunk;
  return text ? JSON.parse(text) : {};
}

function answer(response, status, body = {}, headers = {}) {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(JSON.stringify(body));
}

function resource(file) {
  const { finalAt, ...plain } = file;
  return { ...plain, state: Date.now() - finalAt >= processingMs ? 'ACTIVE' : 'PROCESSING' };
}

async function start(request, response) {
  counts.starts += 1;
  const { file = {} } = await json(request);
  const id = randomUUID();
  const name = file.name ?? `files/${randomUUID()}`;
  sessions.set(id, {
    name,
    mimeType: file.mimeType ?? 'video/mp4',
    displayName: file.displayName,
    received: 0,
  });
  const url = `${scheme}://${request.headers.host}/upload/v1beta/files?upload_id=${id}&upload_protocol=resumable`;
  answer(
    response,
    200,
    {},
    {
      'x-goog-upload-status': 'active',
      'x-goog-upload-url': url,
      'x-goog-upload-control-url': url,
      'x-goog-upload-chunk-granularity': GRANULARITY,
    },
  );
}

function data(request, response, session, command) {
  counts.data += 1;
  const before = session.received;
  request.on('aborted', () => {
    const kept = keeps === 'none' ? 0 : session.received - before;
    session.received = before + Math.floor(kept / GRANULARITY) * GRANULARITY;
  });
  request.on('data', (chunk) => {
    firsts.data ??= Date.now();
    session.received += chunk.length;
    counts.received += chunk.length;
    if (counts.received >= awaited?.bytes) awaited.resolve();
  });
  // Of a request that breaks, whole units are kept.
  request.once('close', () => {
    if (!request.complete) session.received -= session.received % GRANULARITY;
  });
  request.on('end', () => {
    if (!command.includes('finalize')) {
      const size = { 'x-goog-upload-size-received': session.received };
      answer(response, 200, {}, { 'x-goog-upload-status': 'active', ...size });
      return;
    }
    counts.finals += 1;
    counts.bytes += session.received;
    answer(response, 200, { file: finish(session) }, { 'x-goog-upload-status': 'final' });
  });
}

function finish({ name, mimeType, displayName, received }) {
  const now = Date.now();
  const time = new Date(now).toISOString();
  files.set(name, {
    name,
    displayName,
    mimeType,
    sizeBytes: String(received),
    createTime: time,
    updateTime: time,
    expirationTime: new Date(now + 48 * 3_600_000).toISOString(),
    uri: `${origin}/v1beta/${name}`,
    finalAt: now,
  });
  return resource(files.get(name));
}

function get(response, name) {
  counts.gets += 1;
  const file = files.get(name);
  if (file) answer(response, 200, resource(file));
  else
    answer(response, 403, { error: { code: 403, message: 'it may not exist', status: 'PERMISSION_DENIED' } });
}

function answerRequest(request, response) {
  firsts.request ??= Date.now();
  const url = new URL(request.url, origin);
  if (request.method === 'DELETE') {
    counts.deletes += 1;
    answer(response, 200);
  } else if (request.method === 'GET') {
    get(response, url.pathname.replace(/^\/v1(beta)?\//, ''));
  } else {
    const session = sessions.get(url.searchParams.get('upload_id'));
    if (session) data(request, response, session, request.headers['x-goog-upload-command']);
    else if (url.searchParams.has('upload_id')) answer(response, 404);
    else void start(request, response);
  }
}

const scheme = tls ? 'https' : 'http';
const server = tls ? createTlsServer({ cert, key }, answerRequest) : createServer(answerRequest);
server.requestTimeout = 0;
await once(server.listen(0, '127.0.0.1'), 'listening');
const { port } = server.address();
const origin = `${scheme}://127.0.0.1:${port}`;

serve({
  ready: { url: origin, port },
  answers: {
    /** Answers once so many bytes of data have come since the last `books`. */
    received: (bytes) => new Promise((resolve) => (awaited = { bytes, resolve })),
    /** The counts since the last call, and when the first request came. */
    books() {
      const books = { ...counts, firstRequestAt: firsts.request, firstDataAt: firsts.data };
      for (const name of Object.keys(counts)) counts[name] = 0;
      delete firsts.request;
      delete firsts.data;
      files.clear();
      sessions.clear();
      return books;
    },
  },
  close: () => server.closeAllConnections(),
});
