/** Text in Latin-1 or Windows-1252 is text as it is in UTF-8, and no binary content is taken for it. */

import { createCipheriv, createHash } from 'node:crypto';
import { brotliCompressSync, deflateRawSync, gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { detectMimeType } from '../../src/gemini/index.js';
import { asSureLatin1 } from '../../src/gemini/text-content.js';
import { holds, SCALE } from '../fuzz/fuzz.js';
import { sourceOf } from '../support/bytes-source.js';

const typeOf = (name: string, content: string | Uint8Array) => detectMimeType(sourceOf(name, content));
const latin1 = (text: string) => Buffer.from(text, 'latin1');

/** Names, and the type that text in UTF-8 has under each. */
const NAMES = [
  ...['README', 'x.py', 'subs.ass', 'subs.srt', 'index.php', 'q.sql', 'lib.rs', 'a.ts', 'a.docx', 'x.bin'],
  ...[
    'a.unknown-ending',
    'notes.txt',
    'page.md',
    'page.html',
    'rows.csv',
    'data.json',
    'rows.jsonl',
    'a.xml',
  ],
];

const word = fc.string({
  unit: fc.constantFrom(...'abcdefghijklmnopqrstuvwxyzABCXYZ0123456789_(){}=;:#.'),
  minLength: 1,
  maxLength: 12,
});
/** Letters of Latin-1, and quotes, dashes and the euro sign as Windows-1252 has them. */
const accented = fc.constantFrom(
  'caf\xe9',
  '\xdcber',
  'na\xefve',
  '\xa92026',
  '\x80',
  '\x93quoted\x94',
  'don\x92t',
  'a \x96 b',
);
const text = fc
  .array(
    fc.oneof({ weight: 12, arbitrary: word }, { weight: 1, arbitrary: fc.constantFrom('\n', '\r\n', '\t') }),
    { minLength: 40, maxLength: 400 },
  )
  .chain((words) =>
    fc.tuple(
      fc.constant(words),
      fc.array(fc.tuple(fc.nat({ max: words.length }), accented), { minLength: 1, maxLength: 5 }),
    ),
  )
  .map(([words, marks]) => {
    const all = [...words];
    for (const [at, mark] of marks) all.splice(at, 0, mark);
    return all.join(' ');
  })
  .filter((all) => all.length >= 150);

describe('text with a few characters beside ASCII', () => {
  it.each(NAMES)('has the type that it has in UTF-8: %s', async (name) => {
    await holds(300, text, async (one) => {
      expect(await typeOf(name, latin1(one))).toBe(await typeOf(name, one));
    });
  });

  it.each(['BM', 'MZ', '%!PS'])('is not another format by its first letters: %s', async (start) => {
    expect(
      await typeOf('README', latin1(`${start} is the beginning\n${'caf\xe9 au lait\n'.repeat(9)}`)),
    ).toBe('text/plain');
  });

  it('is cut wherever the first bytes end', async () => {
    expect(await typeOf('long', latin1(`x${'a few words, \xe9\n'.repeat(2000)}`))).toBe('text/plain');
  });

  it('is a short text too, and not one of a few bytes', async () => {
    expect(await typeOf('x.py', latin1('# the caf\xe9\nprint("hello")\n'))).toBe('text/plain');
    const sentence = 'Gr\xf6\xdfe aus M\xfcnchen, wir kommen bald';
    await expect(typeOf('LIESMICH', latin1(sentence))).rejects.toThrow(/neither the name nor the content/);
    expect(await typeOf('LIESMICH', latin1(`${sentence}, und ihr kommt uns bald besuchen`))).toBe(
      'text/plain',
    );
    for (const few of ['\xe9', '# \xe9\n', '\xe9t\xe9 \xe9t\xe9 \xe9t\xe9 \xe9t\xe9 \xe9t\xe9'])
      await expect(typeOf('x.py', latin1(few))).rejects.toThrow(/neither the name nor the content/);
  });

  it.each(['a.mp3', 'a.pdf'])('is refused under the name of media: %s', async (name) => {
    await expect(
      typeOf(
        name,
        latin1('Acc\xe8s refus\xe9. Demandez \xe0 votre administrateur, s\x92il vous pla\xeet.\n'),
      ),
    ).rejects.toThrow(/but its content is text/);
  });

  it('is not a PDF that has no more of it than the mark in its second line', async () => {
    const pdf = latin1('%PDF-1.4\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<< /Type /Catalog /Pages 2 0 R >>\nendobj\n');
    for (const name of ['paper', 'paper.pdf', 'x.bin', 'notes.txt'])
      expect(await typeOf(name, pdf)).toBe('application/pdf');
  });

  it.each([
    ['a playlist', 'a.m3u', '#EXTM3U\nBj\xf6rk - J\xf3ga.mp3\n', 'audio/x-mpegurl'],
    [
      'a drawing',
      'a.dxf',
      `999\nf\xfcr Z\xfcrich\n  0\nSECTION\n  2\nHEADER\n${'  9\n$ACADVER\n'.repeat(9)}`,
      'image/vnd.dxf',
    ],
  ])('may be %s', async (_, name, content, type) => expect(await typeOf(name, latin1(content))).toBe(type));
});

describe('binary content', () => {
  const refused = async (content: Uint8Array) => {
    await expect(typeOf('x.bin', content)).rejects.toThrow(/neither the name nor the content/);
  };

  it('of random bytes is not text, however many there are', async () => {
    await holds(20_000, fc.uint8Array({ minLength: 1, maxLength: 5000 }), (content) => {
      expect(asSureLatin1(content)).toBe(asSureLatin1AsAscii(content));
    });
    // Short ones are the likeliest to be one by chance; a generator of bytes prefers special values, a hash does not.
    for (let run = 0; run < 50_000 * SCALE; run += 1) {
      const hash = createHash('sha512').update(String(run)).digest();
      expect(asSureLatin1(hash.subarray(0, 24 + (run % 41)))).toBeUndefined();
    }
  });

  const body = fc
    .array(fc.lorem({ maxCount: 50 }), { minLength: 1, maxLength: 40 })
    .map((all) => Buffer.from(all.join('\n').repeat(9)));

  it('that was compressed, encrypted or packed is none', async () => {
    const forms: ((bytes: Buffer) => Buffer)[] = [
      (bytes) => deflateRawSync(bytes),
      (bytes) => brotliCompressSync(bytes),
      (bytes) => createCipheriv('aes-256-ctr', Buffer.alloc(32, 7), Buffer.alloc(16, 9)).update(bytes),
      // Samples of sound, and of measurements.
      (bytes) => Buffer.from(Int16Array.from(bytes, (byte, at) => byte * 200 * Math.sin(at)).buffer),
      (bytes) => Buffer.from(Float32Array.from(bytes, (byte) => byte / 3).buffer),
      (bytes) => Buffer.from(Uint8Array.from(bytes, (byte, at) => 128 + 90 * Math.sin(at / 5 + byte))),
      // Text of other machines: EBCDIC, and UTF-16 without its mark.
      (bytes) => Buffer.from(Uint8Array.from(bytes, (byte) => (byte + 0x60) & 0xff)),
      (bytes) => Buffer.from(bytes.toString('latin1'), 'utf16le'),
    ];
    await holds(200, fc.tuple(body, fc.constantFrom(...forms)), async ([bytes, form]) =>
      refused(form(bytes)),
    );
  });

  it.each<[string, Buffer, string]>([
    ['SQLite', latin1('SQLite format 3\0\x10\0\x01\x01\0@  '), 'application/x-sqlite3'],
    ['gzip', gzipSync('caf\xe9 '.repeat(99)), 'application/gzip'],
    [
      'a tape of text files',
      Buffer.concat([Buffer.from('a.txt'.padEnd(257, '\0')), Buffer.from('ustar\x0000')]),
      'application/x-tar',
    ],
    ['GIF', latin1(`GIF89a${'caf\xe9 au lait '.repeat(9)}`), 'image/gif'],
    ['FLAC', latin1(`fLaC${'caf\xe9 au lait '.repeat(9)}`), 'audio/flac'],
  ])('that begins as %s does has that type', async (_, content, type) => {
    expect(await typeOf('x.bin', Buffer.concat([content, Buffer.alloc(8)]))).toBe(type);
    expect(await typeOf('x.bin', content)).toBe(type);
  });
});

/** What is ASCII all through is text under any rule. */
function asSureLatin1AsAscii(content: Uint8Array): string | undefined {
  const words = Buffer.from(content).toString('latin1');
  return /^[\t-\r -~]+$/.test(words) ? words : undefined;
}
