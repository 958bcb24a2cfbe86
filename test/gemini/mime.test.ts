/** The type of a file by its name and its content together. */

import { writeFile, open } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { detectMimeType, FileSource } from '../../src/gemini/index.js';
import { sourceOf } from '../support/bytes-source.js';
import { testFolder, type TestFolder } from '../support/files.js';

let folder: TestFolder;
beforeAll(async () => void (folder = await testFolder()));
afterAll(() => folder[Symbol.asyncDispose]());

async function typeOf(name: string, content: string | Uint8Array): Promise<string> {
  const path = join(folder.path, name);
  await writeFile(path, content);
  const source = await FileSource.of(await open(path), path);
  try {
    return await detectMimeType(source);
  } finally {
    await source.close();
  }
}

const PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);
/** Packets of 188 bytes. */
const MPEG_TS = Buffer.concat(
  Array.from({ length: 30 }, () => Buffer.concat([Buffer.from('G'), Buffer.alloc(187, 0xff)])),
);
const BINARY = Buffer.from([0, 1, 2, 3, 0xfe, 0xff, 7, 0]);
const LFS = 'version https://git-lfs.github.com/spec/v1\n' + `oid sha256:${'ab'.repeat(32)}\nsize 12345678\n`;
const HTML = '<!DOCTYPE html>\n<html><head><title>404</title></head><body>Not found</body></html>\n';

describe('binary content', () => {
  it.each([
    ['clip.mp4', 'video/mp4'],
    ['CLIP.MP4', 'video/mp4'],
    ['clip.m4v', 'video/mp4'],
    ['clip.mov', 'video/quicktime'],
    ['clip.avi', 'video/x-msvideo'],
    ['clip.wmv', 'video/wmv'],
    ['sound.mp3', 'audio/mpeg'],
    ['sound.flac', 'audio/flac'],
    ['sound.aac', 'audio/aac'],
    ['sound.aiff', 'audio/aiff'],
    ['sound.wav', 'audio/wav'],
    ['paper.pdf', 'application/pdf'],
    ['photo.heic', 'image/heic'],
    ['stream.ts', 'video/mp2t'],
    ['latin1.txt', 'text/plain'],
  ])('goes by the name: %s is %s', async (name, type) => {
    expect(await typeOf(name, BINARY)).toBe(type);
  });

  it.each([
    ['picture', PNG, 'image/png'],
    ['picture.unknown-ending', PNG, 'image/png'],
    // A name that says text is wrong.
    ['picture.txt', PNG, 'image/png'],
    ['clip.ts', MPEG_TS, 'video/mp2t'],
    ['clip.mts', MPEG_TS, 'video/mp2t'],
    ['clip', MPEG_TS, 'video/mp2t'],
    ['icon.png', PNG, 'image/png'],
  ])('%s goes by the content if the name does not tell', async (name, content, type) => {
    expect(await typeOf(name, content)).toBe(type);
  });

  it.each(['README', 'data.unknown-ending', 'a.rb'])(
    'is refused if nothing tells its type: %s',
    async (name) => {
      await expect(typeOf(name, BINARY)).rejects.toMatchObject({
        name: 'InvalidOptionsError',
        message: expect.stringMatching(/^Invalid option mimeType: neither .*give mimeType$/) as string,
      });
    },
  );
});

const MP4 = Buffer.concat([Buffer.from('\0\0\0\x14ftypisom\0\0\0\0isom'), Buffer.alloc(300, 1)]);
const PDF = Buffer.concat([Buffer.from('%PDF-1.7\n%'), Buffer.alloc(300, 0xe2)]);
const CSV = 'name,size\na.mp4,1\n';
const JSON_TEXT = '{"name": "a"}\n';
const served = (name: string, content: string | Uint8Array, contentType?: string) =>
  detectMimeType({ ...sourceOf(name, content), contentType });

describe('a name that does not say what the bytes are', () => {
  it.each(['mid', 'box', 'key', 'pages', 'rep', 'log', '.key', 'folder.mid/clip'])(
    'has no ending: %s',
    async (name) => {
      expect(await served(name, MP4)).toBe('video/mp4');
      expect(await served(name, 'some words\n')).toBe('text/plain');
      await expect(served(name, BINARY)).rejects.toThrow('neither the name nor the content');
    },
  );

  it.each(['a.php', 'a.pl', 'a.cgi', 'a.aspx', 'a.jsp', 'a.com'])(
    'does not count if it is that of a program: %s',
    async (name) => {
      expect(await served(name, MP4, 'video/mp4')).toBe('video/mp4');
      expect(await served(name, MP4, 'text/html')).toBe('video/mp4');
      expect(await served(name, MP4)).toBe('video/mp4');
      expect(await served(name, BINARY, 'video/mp4; codecs=x')).toBe('video/mp4');
      expect(await served(name, PNG, 'video/mp4')).toBe('image/png');
      expect(await served(name, PDF, 'application/pdf')).toBe('application/pdf');
      expect(await served(name, PDF)).toBe('application/pdf');
      expect(await served(name, CSV, 'text/csv')).toBe('text/csv');
      expect(await served(name, JSON_TEXT, 'application/json; charset=utf-8')).toBe('application/json');
    },
  );

  it('of a text counts more than what its server says', async () => {
    expect(await served('a.json', JSON_TEXT, 'text/plain')).toBe('application/json');
    expect(await served('a.php', CSV)).toBe('text/plain');
    expect(await served('a.constructor', CSV)).toBe('text/plain');
  });

  it('does not count if content and server both say another type', async () => {
    expect(await served('a.mp3', PNG, 'image/png')).toBe('image/png');
    expect(await served('a.key', MP4, 'video/mp4')).toBe('video/mp4');
    await expect(served('a.mp3', PNG, 'audio/mpeg')).rejects.toThrow('its content is image/png');
    await expect(served('a.mp3', PNG, 'binary/octet-stream')).rejects.toThrow('its content is image/png');
  });
});

describe('a server that does not say the type', () => {
  it.each([
    'application/octet-stream',
    'binary/octet-stream',
    'application/x-octet-stream',
    'Application/Octet-Stream; charset=x',
    'application/x-download',
    'application/download',
    'application/force-download',
    'application/unknown',
    'unknown/unknown',
    'multipart/form-data; boundary=x',
    'application/x-www-form-urlencoded',
  ])('%s', async (contentType) => {
    expect(await served('42', 'some words\n', contentType)).toBe('text/plain');
    expect(await served('42', MP4, contentType)).toBe('video/mp4');
    await expect(served('42', BINARY, contentType)).rejects.toThrow('neither the name nor the content');
  });

  it('is asked only then', async () => {
    expect(await served('42', 'a,b\n', 'text/csv; charset=utf-8')).toBe('text/csv');
    expect(await served('42', BINARY, 'video/x-m4v')).toBe('video/mp4');
  });
});

describe('text', () => {
  it.each([
    ['page.md', 'text/markdown'],
    ['page.html', 'text/html'],
    ['rows.csv', 'text/csv'],
    ['data.json', 'application/json'],
    ['notes.tar.txt', 'text/plain'],
    ['subs.vtt', 'text/vtt'],
    ['rows.jsonl', 'jsonl'],
    ['ROWS.NDJSON', 'jsonl'],
    ['rows.log', 'text/plain'],
  ])('goes by the name if that is of a text: %s is %s', async (name, type) => {
    expect(await typeOf(name, 'some words\n')).toBe(type);
  });

  it.each([
    'LICENSE',
    'page.tsx',
    'a.cts',
    'a.mts',
    'code.ts',
    'lib.rs',
    'x.py',
    'main.go',
    'a.rb',
    'a.swift',
    'a.kt',
    'subs.ass',
    'subs.srt',
    'query.sql',
    'run.sh',
    'index.php',
    'paper.tex',
    'a.scm',
    'a.dart',
    'a.pl',
    'a.nc',
    'a.unknown-ending',
    '.gitignore',
    'Makefile',
    'a.docx',
  ])('is text/plain without a better name: %s', async (name) => {
    expect(await typeOf(name, 'ein Satz mit Umlauten: äöü\nund noch einer\n')).toBe('text/plain');
  });

  it('is text in the middle of a character and of a long file too', async () => {
    expect(await typeOf('long', `x${'ä'.repeat(5000)}`)).toBe('text/plain');
    expect(await typeOf('long', `${'ä'.repeat(5000)}\n`)).toBe('text/plain');
  });

  it('is XML only if it begins as XML does', async () => {
    expect(await typeOf('a.svg', '<svg xmlns="http://www.w3.org/2000/svg"/>')).toBe('image/svg+xml');
    expect(await typeOf('a.rs', '<rls/>')).toBe('application/rls-services+xml');
    expect(await typeOf('a.xml', '<a/>')).toBe('text/xml');
    expect(await typeOf('a.rs', 'fn main() {}\n')).toBe('text/plain');
  });
});

describe('content that is not what the name says', () => {
  it.each([
    ['talk.mov', LFS, 'is a pointer of Git LFS, not the file itself: run `git lfs pull`'],
    ['paper.pdf', LFS, 'run `git lfs pull`'],
    ['model.bin', LFS, 'run `git lfs pull`'],
    ['rows.csv', LFS, 'run `git lfs pull`'],
    ['a.mp3', HTML, 'is audio/mpeg by its name, but its content is an HTML page'],
    ['a.png', `\n  <html>${HTML}`, 'is image/png by its name, but its content is an HTML page'],
    ['a.svg', HTML, 'its content is an HTML page'],
    ['a.pdf', HTML, 'its content is an HTML page'],
    [
      'a.mp4',
      '<?xml version="1.0"?><Error><Code>AccessDenied</Code></Error>',
      'its content is an XML document',
    ],
    ['a.mp4', '{"error": {"code": 403}}', 'its content is a JSON document'],
    ['a.wav', 'Access denied.\nAsk your administrator.\n', 'its content is text'],
  ])('is refused: %s with %j', async (name, content, words) => {
    const refusal = typeOf(name, content);
    await expect(refusal).rejects.toMatchObject({ name: 'InvalidOptionsError' });
    await expect(refusal).rejects.toThrow(/^Invalid option mimeType: /);
    await expect(refusal).rejects.toThrow(words);
  });

  it.each([
    ['x', 'x'],
    ['a unit that is repeated', 'block 0;'.repeat(9000)],
    ['repeated lines', 'a line\n'.repeat(2000)],
    ['zeros', '\0'.repeat(5000)],
  ])('takes a stand-in for a video: %s', async (_, content) => {
    expect(await typeOf('clip.mp4', content)).toBe('video/mp4');
  });
});
