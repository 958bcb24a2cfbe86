/** What a server sends in place of a file is seen by its first bytes, as on a disk, without another request. */

import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { detectMimeType } from '../../src/gemini/index.js';
import { SourceServer } from '../support/source-server.js';
import { open, sourcesFor } from '../support/sources.js';

let server: SourceServer;
beforeAll(async () => void (server = await SourceServer.start()));
afterAll(() => server[Symbol.asyncDispose]());
beforeEach(() => server.reset());

async function typeOf(path: string, content: string | Buffer, contentType?: string): Promise<string> {
  const headers = contentType === undefined ? {} : { 'content-type': contentType };
  server.files.set(path, { content: Buffer.from(content), headers });
  const source = await open(server.url(path), sourcesFor(server));
  try {
    return await detectMimeType(source);
  } finally {
    await source.close();
  }
}

const LFS = `version https://git-lfs.github.com/spec/v1\noid sha256:${'ab'.repeat(32)}\nsize 12345678\n`;

it.each([
  ['/talk.mov', LFS, 'is a pointer of Git LFS'],
  ['/rows.csv', LFS, 'is a pointer of Git LFS'],
  ['/a.mp3', '<!DOCTYPE html>\n<html></html>', 'its content is an HTML page'],
  ['/a.mp4', '<?xml version="1.0"?><Error><Code>NoSuchKey</Code></Error>', 'its content is an XML document'],
  ['/a.png', '{"error": {"code": 403}}', 'its content is a JSON document'],
  ['/a.mp3', '404: Not Found', 'its content is text'],
  ['/a.mp4', 'Access denied', 'its content is text'],
  ['/a.mp4', Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex'), 'its content is image/png'],
  ['/x.bin', Buffer.from([0, 1, 2, 3, 0xfe, 0xff, 7, 0]), 'neither the name nor the content'],
])('refuses %s with %j', async (path, content, words) => {
  await expect(typeOf(path, content)).rejects.toMatchObject({
    name: 'InvalidOptionsError',
    message: expect.stringContaining(words) as string,
  });
  expect(server.requests).toHaveLength(1);
});

it('goes by the name where the content is binary, and by the content where there is no name', async () => {
  const binary = Buffer.from([0, 1, 2, 3, 0xfe, 0xff, 7, 0]);
  expect(await typeOf('/clip.mp4', binary)).toBe('video/mp4');
  expect(await typeOf('/page.py', 'print()\n')).toMatch(/^text\//);
  expect(await typeOf('/talk.m4a', Buffer.from('\0\0\0\x14ftypisom\0\0\0\0isom'))).toBe('audio/mp4');
  expect(await typeOf('/paper', '%PDF-1.7\n\x00\x01')).toBe('application/pdf');
  expect(server.requests).toHaveLength(4);
});

it('takes what a program sends for what it is, and a page without an ending for a page', async () => {
  const film = Buffer.from('\0\0\0\x14ftypisom\0\0\0\0isom');
  expect(await typeOf('/get.php', film, 'video/mp4')).toBe('video/mp4');
  expect(await typeOf('/notes/key', '%PDF-1.7\n\x00\x01', 'binary/octet-stream')).toBe('application/pdf');
  expect(await typeOf('/t/pages', '<!doctype html><p>x', 'text/html')).toBe('text/html');
  expect(await typeOf('/', '<!doctype html><p>x', 'text/html')).toBe('text/html');
});
