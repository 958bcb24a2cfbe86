/** What the provider can take: one buffer sent over and over, from no file and without a hash. */
import { once } from 'node:events';
import { connect } from 'node:net';
import { serve, settings } from '../lib/serve.js';

const CHUNK = Buffer.alloc(1024 * 1024);

async function send(sizeBytes) {
  const url = new URL(settings.url);
  const start = await fetch(`${url.origin}/upload/v1beta/files`, { method: 'POST', body: '{}' });
  const session = new URL(start.headers.get('x-goog-upload-url'));
  const socket = connect(Number(url.port), url.hostname);
  await once(socket, 'connect');
  const began = performance.now();
  socket.write(
    `POST ${session.pathname}${session.search} HTTP/1.1\r\nhost: ${url.host}\r\nconnection: close\r\n` +
      `content-length: ${sizeBytes}\r\nx-goog-upload-command: upload, finalize\r\n\r\n`,
  );
  for (let left = sizeBytes; left > 0; left -= CHUNK.length) {
    if (!socket.write(CHUNK.subarray(0, left))) await once(socket, 'drain');
  }
  await once(socket, 'data');
  const ms = performance.now() - began;
  socket.destroy();
  return ms;
}

serve({ answers: { send } });
