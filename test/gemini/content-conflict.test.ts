/** The name says media, and the first bytes are those of something else; or they only seem to be. */

import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { detectMimeType } from '../../src/gemini/index.js';
import { sourceOf } from '../support/bytes-source.js';

const typeOf = (name: string, content: string | Uint8Array, mimeType?: string) =>
  detectMimeType(sourceOf(name, content, mimeType));

const bytes = (...parts: (string | number[])[]) =>
  Buffer.concat([
    ...parts.map((part) => (typeof part === 'string' ? Buffer.from(part, 'latin1') : Buffer.from(part))),
    Buffer.alloc(300, 0x11),
  ]);

const PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);
const JPEG = bytes([0xff, 0xd8, 0xff, 0xe0, 0, 16], 'JFIF\0');
const GIF = bytes('GIF89a');
const WEBP = bytes('RIFF\x10\0\0\0WEBPVP8 ');
const WAV = bytes('RIFF\x10\0\0\0WAVEfmt ');
const AVI = bytes('RIFF\x10\0\0\0AVI LIST');
const FLAC = bytes('fLaC');
const MP3 = bytes('ID3', [3, 0, 0, 0, 0, 0, 10], new Array(10).fill(0) as number[], [0xff, 0xfb, 0x90, 0x64]);
const MP3_WITHOUT_TAGS = bytes([0xff, 0xfb, 0x90, 0x64]);
const PDF = bytes('%PDF-1.7\n');
const ZIP = bytes('PK\x03\x04', [20, 0, 0, 0, 8, 0]);
const ELF = bytes('\x7fELF', [2, 1, 1, 0]);
const GZIP = gzipSync('<html>Not found</html>');
/** The box at the start of files in the format of MP4, with its brand. */
const ftyp = (brand: string) => bytes([0, 0, 0, 20], `ftyp${brand}`, [0, 0, 2, 0]);
const OGG = bytes('OggS', new Array(24).fill(0) as number[], '\x01vorbis');
const OPUS = bytes('OggS', new Array(24).fill(0) as number[], 'OpusHead');
const THEORA = bytes('OggS', new Array(24).fill(0) as number[], '\x80theora');
const WEBM = bytes([0x1a, 0x45, 0xdf, 0xa3, 0x87, 0x42, 0x82, 0x84], 'webm');
const MATROSKA = bytes([0x1a, 0x45, 0xdf, 0xa3, 0x8b, 0x42, 0x82, 0x88], 'matroska');
const FLV = bytes('FLV\x01');
/** The object that says the kind of a stream, in a header of ASF. */
const asf = (stream: string) =>
  Buffer.concat([
    Buffer.from('3026b2758e66cf11a6d900aa0062ce6c', 'hex'),
    Buffer.alloc(14),
    Buffer.from('9107dcb7b7a9cf118ee600c00c205365', 'hex'),
    Buffer.from([72, 0, 0, 0, 0, 0, 0, 0]),
    Buffer.from(stream, 'hex'),
    Buffer.alloc(300),
  ]);
const ASF_AUDIO = asf('409e69f84d5bcf11a8fd00805f5c442b');
const ASF_VIDEO = asf('c0ef19bc4d5bcf11a8fd00805f5c442b');

describe('binary content', () => {
  it.each([
    ['clip.mp4', PNG, 'video/mp4', 'image/png'],
    ['clip.mov', JPEG, 'video/quicktime', 'image/jpeg'],
    ['clip.webm', GIF, 'video/webm', 'image/gif'],
    ['talk.mp3', PNG, 'audio/mpeg', 'image/png'],
    ['talk.wav', PDF, 'audio/wav', 'application/pdf'],
    ['talk.m4a', WEBP, 'audio/mp4', 'image/webp'],
    ['photo.jpg', ftyp('isom'), 'image/jpeg', 'video/mp4'],
    ['loop.gif', WEBM, 'image/gif', 'video/webm'],
    ['photo.png', PDF, 'image/png', 'application/pdf'],
    ['clip.mp4', WAV, 'video/mp4', 'audio/wav'],
    ['clip.mp4', MP3, 'video/mp4', 'audio/mpeg'],
    ['clip.mp4', FLAC, 'video/mp4', 'audio/flac'],
    ['talk.wav', AVI, 'audio/wav', 'video/vnd.avi'],
    ['clip.mp4', ZIP, 'video/mp4', 'application/zip'],
    ['clip.mp4', GZIP, 'video/mp4', 'application/gzip'],
    ['clip.mp4', ELF, 'video/mp4', 'application/x-elf'],
    ['paper.pdf', PNG, 'application/pdf', 'image/png'],
    ['paper.pdf', ZIP, 'application/pdf', 'application/zip'],
    ['page.odt', JPEG, 'application/vnd.oasis.opendocument.text', 'image/jpeg'],
    ['archive.zip', PNG, 'application/zip', 'image/png'],
  ])(
    'is refused if it is of another kind than the name says: %s (%#)',
    async (name, content, named, shown) => {
      await expect(typeOf(name, content)).rejects.toMatchObject({
        name: 'InvalidOptionsError',
        message: `Invalid option mimeType: /media/${name} is ${named} by its name, but its content is ${shown}; rename it, or give mimeType to upload it as it is`,
      });
    },
  );

  it.each([
    ['talk.m4a', ftyp('M4A '), 'audio/mp4'],
    ['talk.m4a', ftyp('isom'), 'audio/mp4'],
    ['talk.mp4', ftyp('M4A '), 'video/mp4'],
    ['book.m4b', ftyp('M4B '), 'audio/mp4'],
    ['clip.mp4', ftyp('qt  '), 'video/mp4'],
    ['clip.mov', ftyp('isom'), 'video/quicktime'],
    ['clip.3gp', ftyp('3gp5'), 'video/3gpp'],
    ['memo.m4a', ftyp('3gp5'), 'audio/mp4'],
    ['clip.3gp', ftyp('isom'), 'video/3gpp'],
    ['photo.heic', ftyp('heic'), 'image/heic'],
    ['photo.heic', ftyp('mif1'), 'image/heic'],
    ['photo.avif', ftyp('avif'), 'image/avif'],
    ['talk.ogg', OGG, 'audio/ogg'],
    ['talk.ogg', THEORA, 'audio/ogg'],
    ['clip.ogv', OGG, 'video/ogg'],
    ['talk.opus', OPUS, 'audio/ogg'],
    ['all.ogx', THEORA, 'application/ogg'],
    ['talk.weba', WEBM, 'audio/webm'],
    ['clip.webm', MATROSKA, 'video/webm'],
    ['talk.mka', MATROSKA, 'audio/x-matroska'],
    ['clip.flv', FLV, 'video/x-flv'],
    ['talk.wma', ASF_AUDIO, 'audio/x-ms-wma'],
    ['talk.wma', ASF_VIDEO, 'audio/x-ms-wma'],
    ['clip.wmv', ASF_AUDIO, 'video/wmv'],
    ['clip.mpg', bytes([0, 0, 1, 0xba, 0x44]), 'video/mpeg'],
    ['talk.mp3', MP3, 'audio/mpeg'],
    ['talk.mp3', MP3_WITHOUT_TAGS, 'audio/mpeg'],
    ['talk.mp3', ftyp('M4A '), 'audio/mpeg'],
    ['photo.jpg', WEBP, 'image/jpeg'],
    ['photo.jfif', JPEG, 'image/jpeg'],
    ['drawing.pdf', bytes('%PDF-1.5\n%AIPrivateData1'), 'application/pdf'],
    ['plan.fpx', bytes([0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1]), 'image/vnd.fpx'],
    ['book.epub', ZIP, 'application/epub+zip'],
    // Few bits that other content has, too.
    ['clip.mp4', MP3_WITHOUT_TAGS, 'video/mp4'],
    ['clip.mp4', bytes('BM'), 'video/mp4'],
    ['clip.mp4', bytes('MZ'), 'video/mp4'],
  ])('is taken by its name if that may be: %s (%#)', async (name, content, type) => {
    expect(await typeOf(name, content)).toBe(type);
  });

  // The same bytes in each run: what has the beginning of another type by chance is refused, and rightly.
  it('arbitrary bytes are taken by the name of a video', async () => {
    for (let run = 0; run < 2000; run += 1) {
      const content = createHash('sha512').update(String(run)).digest();
      expect(await typeOf('clip.mp4', content)).toBe('video/mp4');
    }
  });

  it.each([
    ['list', 'text/plain'],
    ['list.txt', 'text/plain'],
    ['list.json', 'application/json'],
  ])('a text in UTF-16 may have characters for private use, such as bullets: %s', async (name, type) => {
    const text = Buffer.from(`\ufeff${'\uf0b7 item\r\n'.repeat(30)}`, 'utf16le');
    expect(await typeOf(name, text)).toBe(type);
  });

  it.each(['utf16le', 'utf-16be'])(
    'binary content that happens to begin with the mark of %s is not refused as text',
    async (encoding) => {
      // A text that begins a sentence would be refused. U+E000 is for private use.
      const content = Buffer.from('\ufeffA \u4e2d\ue000', 'utf16le');
      expect(await typeOf('clip.mp4', encoding === 'utf16le' ? content : content.swap16())).toBe('video/mp4');
    },
  );
});

const UNKNOWN = Buffer.from([0, 1, 2, 3, 0xfe, 0xff, 7, 0]);

it.each(['x.bin', 'disk.img', 'setup.exe', 'a.so', 'a.dump'])(
  'a name that says no more than that it is a file counts as no name: %s',
  async (name) => {
    await expect(typeOf(name, UNKNOWN)).rejects.toThrow(
      /neither the name nor the content of .* tells its type/,
    );
    expect(await typeOf(name, PNG)).toBe('image/png');
    expect(await typeOf(name, 'some words')).toBe('text/plain');
  },
);

describe('text in place of media', () => {
  it.each([
    '404: Not Found',
    '404',
    'HTTP/1.1 403 Forbidden',
    'Access denied',
    'Not Found',
    'Forbidden',
    'forbidden',
    'error code: 1020',
    'no healthy upstream',
    'upstream connect error or disconnect/reset before headers',
    'default backend - 404',
    'The specified key does not exist.',
    'Request has expired',
    'NoSuchKey',
    'null',
    'ok',
    'Zugriff verweigert',
    'data:audio/mpeg;base64,SUQzBAAAAAAA',
    'AAAAIGZ0eXBpc29tAAACAGlzb21pc28y',
    'https://cdn.example.com/clip',
    '# a playlist',
    '<p>gone</p>',
    'ファイルが見つかりません',
    'доступ запрещён',
    'line one\nline two\n',
  ])('is refused, with or without the end of a line: %j', async (text) => {
    for (const name of ['a.mp3', 'a.mp4', 'a.png', 'a.pdf']) {
      await expect(typeOf(name, text)).rejects.toThrow(/but its content is text; give mimeType/);
      await expect(typeOf(name, `${text}\n`)).rejects.toThrow(/but its content is text/);
    }
  });

  it.each([
    ['a.gif', 'GIF not found'],
    ['a.gif', 'GIF <html><body>error'],
    ['a.flac', 'fLaC not found\n<html>'],
    ['a.aif', 'FORM not found\nLogin required'],
    ['a.mid', 'MThd not found\nx'],
    ['a.amr', '#!AMR not found\n<html>'],
    ['a.dwg', 'AC1015 is not available'],
    ['a.ppm', 'P3 404 Not Found'],
    ['a.cgm', 'BEGMF not found'],
    ['a.fits', 'SIMPLE  = not found'],
  ])('is refused although it begins as the type does: %s with %j', async (name, text) => {
    await expect(typeOf(name, text)).rejects.toThrow(/but its content is text/);
  });

  it.each([
    ['UTF-8 with its mark', Buffer.from('\ufeffAccess denied')],
    ['UTF-16', Buffer.from('\ufeffAccess denied', 'utf16le')],
    ['big-endian UTF-16', Buffer.from('\ufeffAccess denied', 'utf16le').swap16()],
    ['Latin-1', Buffer.from('Acc\u00e8s refus\u00e9', 'latin1')],
  ])('is seen in %s', async (_, content) => {
    await expect(typeOf('a.mp3', content)).rejects.toThrow(/but its content is text/);
    if (content[0] !== 0x41) expect(await typeOf('README', content)).toBe('text/plain');
  });

  it.each(['x', 'film', 'a talk', 'hello world', 'fake video bytes', 'content of one', '123'])(
    'takes a stand-in: %s',
    async (text) => expect(await typeOf('clip.mp4', text)).toBe('video/mp4'),
  );
});

it('the type that the caller gives overrules name and content', async () => {
  expect(await typeOf('clip.mp4', PNG, 'video/mp4')).toBe('video/mp4');
  expect(await typeOf('a.mp3', 'Access denied', 'audio/mpeg')).toBe('audio/mpeg');
  expect(await typeOf('x.bin', UNKNOWN, 'application/octet-stream')).toBe('application/octet-stream');
});
