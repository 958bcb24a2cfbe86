/** Media that are written as text are no message: every type of the library's table is either in this file's list of them, or binary. */

import { deflateSync } from 'node:zlib';
import fc from 'fast-check';
import mime from 'mime';
import standardTypes from 'mime/types/standard.js';
import otherTypes from 'mime/types/other.js';
import { describe, expect, it } from 'vitest';
import { detectMimeType } from '../../src/gemini/index.js';
import { holds } from '../fuzz/fuzz.js';
import { sourceOf } from '../support/bytes-source.js';

const typeOf = (name: string, content: string | Uint8Array) => detectMimeType(sourceOf(name, content));

const words = fc
  .array(fc.constantFrom('error', 'not found', 'Paris', '404', 'a line', 'null.', 'é'), { maxLength: 60 })
  .map((all) => all.join(' '));
const lines = fc.array(words, { minLength: 1, maxLength: 60 });
const number = fc.nat({ max: 999 });

const pdf = fc
  .tuple(fc.constantFrom('1.0', '1.4', '1.7', '2.0'), lines)
  .map(
    ([version, page]) =>
      `%PDF-${version}\n1 0 obj\n<< /Type /Catalog >>\nendobj\nstream\n${page.map((line) => `(${line}) Tj`).join('\n')}\nendstream\n`,
  );
const playlist = fc.oneof(
  lines.map((titles) =>
    ['#EXTM3U', ...titles.map((t, i) => `#EXTINF:${i},${t}\nDisc 1/${i}.mp3`)].join('\n'),
  ),
  lines.map((comments) => comments.map((c, i) => `# ${c}\nhttp://host.test/${i}`).join('\n')),
  fc.array(number, { minLength: 1 }).map((all) => all.map((n) => `Music\\Track ${n}.mp3`).join('\n')),
);
const advancedList = lines.map(
  (all) => `<ASX version="3.0">\n${all.map((l) => `<title>${l}</title>`).join('\n')}`,
);
const map = (kind: string) =>
  fc
    .tuple(fc.boolean(), fc.array(number, { minLength: 1, maxLength: 2000 }))
    .map(
      ([comment, all]) =>
        `${kind}\n${comment ? '# made by hand\n' : ''}${all.length} 1\n255\n${all.join('\n')}\n`,
    );
const drawing = fc
  .tuple(fc.boolean(), lines)
  .map(
    ([comment, all]) => `${comment ? '999\nA comment\n' : ''}  0\nSECTION\n  2\nHEADER\n${all.join('\n')}\n`,
  );
const bitmap = number.map(
  (n) => `#define a_width ${n}\n#define a_height ${n}\nstatic char a_bits[] = {\n0x00,\n`,
);
const colours = lines.map(
  (all) => `/* XPM */\nstatic char *a[] = {\n${all.map((l) => `"${l}",`).join('\n')}\n};\n`,
);

/** The endings of media that are written as text, with documents of each. */
const WRITTEN: Readonly<Record<string, [type: string, documents: fc.Arbitrary<string>]>> = {
  pdf: ['application/pdf', pdf],
  m3u: ['audio/x-mpegurl', playlist],
  ram: ['audio/x-pn-realaudio', playlist],
  rmp: ['audio/x-pn-realaudio-plugin', playlist],
  mxu: ['video/vnd.mpegurl', playlist],
  wax: ['audio/x-ms-wax', advancedList],
  asx: ['video/x-ms-asf', advancedList],
  wmx: ['video/x-ms-wmx', advancedList],
  wvx: ['video/x-ms-wvx', advancedList],
  cgm: ['image/cgm', words.map((title) => `BEGMF '${title}';\nMFVERSION 1;\n`)],
  fits: ['image/fits', words.map((title) => `SIMPLE  =                    T / ${title}\n`)],
  dxf: ['image/vnd.dxf', drawing],
  pnm: ['image/x-portable-anymap', fc.oneof(map('P1'), map('P2'), map('P3'))],
  pbm: ['image/x-portable-bitmap', map('P1')],
  pgm: ['image/x-portable-graymap', map('P2')],
  ppm: ['image/x-portable-pixmap', map('P3')],
  xbm: ['image/x-xbitmap', bitmap],
  xpm: ['image/x-xpixmap', colours],
  svg: [
    'image/svg+xml',
    lines.map((all) => `<svg xmlns="http://www.w3.org/2000/svg">\n<text>${all.join('\n')}</text>`),
  ],
};

const LINE_ENDS = fc.constantFrom('\n', '\r\n');
const ENCODINGS = fc.constantFrom<(text: string) => Buffer>(
  (text) => Buffer.from(text),
  (text) => Buffer.from(`\ufeff${text}`),
);

describe('a document that is text all through', () => {
  it.each(Object.entries(WRITTEN))('has the type of its name: .%s', async (ending, [type, documents]) => {
    await holds(100, fc.tuple(documents, LINE_ENDS, ENCODINGS), async ([text, end, encode]) => {
      expect(await typeOf(`a.${ending}`, encode(text.replaceAll('\n', end)))).toBe(type);
    });
  });

  it.each(Object.keys(WRITTEN))('is not what a message under the name .%s is', async (ending) => {
    for (const message of [
      '404: Not Found',
      'Access denied.\nAsk your administrator.\n',
      '<html>gone</html>',
    ])
      await expect(typeOf(`a.${ending}`, message)).rejects.toThrow(/but its content is/);
  });
});

describe('a PDF', () => {
  const text = '%PDF-1.4\n1 0 obj\n<< /Type /Catalog /Pages 2 0 R >>\nendobj\n';

  it('is one whether its first bytes are text or not, behind a few other lines too', async () => {
    expect(await typeOf('paper.pdf', text)).toBe('application/pdf');
    expect(await typeOf('paper.pdf', Buffer.concat([Buffer.from(text), deflateSync(text)]))).toBe(
      'application/pdf',
    );
    expect(await typeOf('paper.pdf', `Content-Type: application/pdf\r\n\r\n${text}`)).toBe('application/pdf');
  });

  it('is one without a name that says so, and contradicts the name of a video', async () => {
    expect(await typeOf('paper', text)).toBe('application/pdf');
    expect(await typeOf('paper.txt', text)).toBe('application/pdf');
    await expect(typeOf('clip.mp4', text)).rejects.toThrow(/its content is application\/pdf; rename it/);
  });

  it('is not a text that only mentions it', async () => {
    expect(await typeOf('README', '%PDF begins a PDF\n')).toBe('text/plain');
    await expect(typeOf('paper.pdf', '%PDF begins a PDF\n')).rejects.toThrow(/its content is text/);
    await expect(typeOf('paper.pdf', '<html>\n%PDF-1.4\n')).rejects.toThrow(/an HTML page/);
  });

  const objects = `1 0 obj\n<< /Type /Catalog >>\nendobj\n${'2 0 obj\n(a line of text) Tj\nendobj\n'.repeat(150)}`;

  it.each([
    ['a byte order mark', '\xef\xbb\xbf%PDF-1.4\n%\xe2\xe3\xcf\xd3\n', undefined],
    ['no version', '%PDF-\n%\xe2\xe3\xcf\xd3\n', undefined],
    ['blanks behind the version', '%PDF-1.4 \r%\xe2\xe3\xcf\xd3\r', undefined],
    ['the mark in the line of the header', '%PDF-1.4%\xe2\xe3\xcf\xd3\n', undefined],
    // Without a name, it is a text as PostScript is.
    ['the header of PostScript', '%!PS-Adobe-3.0 PDF-1.4\n%\xe2\xe3\xcf\xd3\n', 'text/plain'],
  ])('may have %s', async (_, header, type) => {
    const content = Buffer.from(header + objects, 'latin1');
    expect(await typeOf('a.pdf', content)).toBe('application/pdf');
    for (const name of ['download', 'a.txt'])
      expect(await typeOf(name, content)).toBe(type ?? 'application/pdf');
    await expect(typeOf('a.mp4', content)).rejects.toThrow(/but its content is/);
  });

  it('by its name and its first bytes is one, whatever follows, if it is not in UTF-8', async () => {
    const content = Buffer.from(`%PDF-1.4 caf\xe9\n${'a line\n'.repeat(99)}`, 'latin1');
    expect(await typeOf('a.pdf', content)).toBe('application/pdf');
    expect(await typeOf('a.md', content)).toBe('text/markdown');
  });

  it.each([
    ['a.md', '%PDF-1.4 is the header of a file. This document explains.\n# Title\n', 'text/markdown'],
    ['a.m', '%PDF-1 normal density function\nfunction y = pdf(x)\n', 'text/plain'],
    ['a.py', '%PDF-1 normal density function\nfunction y = pdf(x)\n', 'text/plain'],
    ['README', '%PDF-1.7\nis the header of a file.\n', 'text/plain'],
    ['a.txt', '%PDF-1.7 begins it, then an object:\n1 0 obj\n', 'text/plain'],
  ])('is not a text that begins with its header: %s with %j', async (name, content, type) => {
    expect(await typeOf(name, content)).toBe(type);
    expect(await typeOf(name, `\ufeff${content}`)).toBe(type);
  });

  it.each([
    'Error: cannot render\nexpected header:\n%PDF-1.4\n',
    `Error: cannot render\n${text}`,
    `HTTP/1.1 403 Forbidden\r\n\r\n${text}`,
    'HTTP/1.1 403 Forbidden\r\nServer: x\r\n\r\n%PDF-1.7 header',
    `{"content":\n${text}`,
    `${'a line\n'.repeat(200)}${text}`,
    '%PDF-1.4\nNot found\n',
  ])('is not a message with a header in it: %j', async (content) => {
    await expect(typeOf('a.pdf', content)).rejects.toThrow(/but its content is/);
  });
});

describe('a list without a header', () => {
  it.each([
    'Spandau Ballet - True.mp3\nThe Proclaimers - 500 Miles.mp3',
    '401 - Intro.flac\n402 - Null.flac',
    'Nina Simone - None.wav',
    '/music/a b.m3u8',
    'https://radio.test/live?timeout=5',
  ])('has addresses and names of sound or video: %j', async (content) => {
    expect(await typeOf('a.m3u', content)).toBe('audio/x-mpegurl');
  });

  it.each([
    'Please log in at www.example.com',
    'Access denied for 10.0.0.12',
    'Session expired, please visit https://example.com',
    'Error 404 not found index.php',
    'No such file /var/www/x.m3u',
    'Cannot open x.m3u',
    '404 /music/a.mp3',
    'https://example.com/login?next=a.m3u',
    'a.mp3\nSession expired, please log in\n',
    'Warning: a.mp3 is of 3 others: b.mp3',
  ])('is not a message with a name or an address in it: %j', async (content) => {
    for (const name of ['a.m3u', 'a.ram', 'a.mxu'])
      await expect(typeOf(name, content)).rejects.toThrow(/but its content is text/);
  });
});

it.each([
  ['a.pam', 'P7\nTUPLTYPE RGB_ALPHA\nWIDTH 4\n', 'text/plain'],
  ['a.pnm', 'P7\nTUPLTYPE RGB_ALPHA\nWIDTH 4\n', 'image/x-portable-anymap'],
  ['a.pgm', 'P2\n# a\n24 # b\n7\n15\n0 0 3\n', 'image/x-portable-graymap'],
  ['a.m3u', Buffer.from('\xef\xbb\xbf#EXTM3U\nBj\xf6rk, and others.mp3\n', 'latin1'), 'audio/x-mpegurl'],
])('%s with %j is what its name says', async (name, content, type) => {
  expect(await typeOf(name, content)).toBe(type);
});

/** Media of the table whose files are not text. A type that a newer table adds is in neither list, until somebody has looked. */
const BINARY: Readonly<Record<string, string>> = {
  video: `
    mp4 3gpp 3gpp2 h261 h263 h264 iso.segment jpeg mj2 mp2t mpeg ogg quicktime webm vnd.dece.hd vnd.dece.mobile
    vnd.dece.pd vnd.dece.sd vnd.dece.video vnd.dvb.file vnd.fvt vnd.ms-playready.media.pyv vnd.uvvu.mp4 vnd.vivo x-f4v
    x-fli x-flv x-m4v x-matroska x-mng x-ms-vob x-ms-wm x-ms-wmv x-msvideo x-sgi-movie x-smv`,
  audio: `
    aac adpcm amr basic midi mobile-xmf mpeg mp4 ogg s3m silk wav webm xm vnd.dece.audio vnd.digital-winds vnd.dra
    vnd.dts vnd.dts.hd vnd.lucent.voice vnd.ms-playready.media.pya vnd.nuera.ecelp4800 vnd.nuera.ecelp7470
    vnd.nuera.ecelp9600 vnd.rip x-aiff x-caf x-flac x-matroska x-ms-wma`,
  image: `
    aces apng avci avcs avif bmp dicom-rle dpx emf g3fax gif heic heic-sequence heif heif-sequence hej2k ief jaii jais
    jls jp2 jpeg jph jphc jpm jpx jxl jxr jxra jxrs jxs jxsc jxsi jxss ktx ktx2 pjpeg png sgi t38 tiff tiff-fx webp
    wmf prs.btif prs.pti vnd.adobe.photoshop vnd.airzip.accelerator.azv vnd.blockfact.facti vnd.dece.graphic vnd.djvu
    vnd.dwg vnd.fastbidsheet vnd.fpx vnd.fst vnd.fujixerox.edmics-mmr vnd.fujixerox.edmics-rlc vnd.microsoft.icon
    vnd.ms-dds vnd.ms-modi vnd.ms-photo vnd.net-fpx vnd.pco.b16 vnd.tencent.tap vnd.valve.source.texture vnd.wap.wbmp
    vnd.xiff vnd.zbrush.pcx x-3ds x-adobe-dng x-cmu-raster x-cmx x-freehand x-jng x-mrsid-image x-pict x-rgb x-tga
    x-xwindowdump`,
};

it('every media type of the table is known to be text or to be binary', () => {
  const endings = Object.values({ ...standardTypes, ...otherTypes }).flat();
  const types = new Set(endings.map((ending) => mime.getType(ending.replace('*', '')) ?? ''));
  const binary = Object.entries(BINARY).flatMap(([family, formats]) =>
    formats
      .trim()
      .split(/\s+/)
      .map((format) => `${family}/${format}`),
  );
  const known = new Set([...binary, ...Object.values(WRITTEN).map(([type]) => type)]);
  expect([...types].filter((type) => /^(audio|video|image)\//.test(type) && !known.has(type))).toEqual([]);
  expect([...known].filter((type) => !types.has(type))).toEqual([]);
});
