/** The pictures of docs/images, as `npm run pictures` makes them: safe to show on a page, and no folder of a machine in them. */

import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { crc32, inflateSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';

const folder = new URL('../../docs/images/', import.meta.url);
const pictures = readdirSync(folder);
const ending = (extension: string) => pictures.filter((name) => name.endsWith(extension));

it('are the terminal and the Web UI, and of no other kind', () => {
  expect(pictures.sort()).toEqual(['terminal.svg', 'web-ui-details.png', 'web-ui-timeline.png']);
});

describe.each(ending('.svg'))('%s', (name) => {
  const text = readFileSync(new URL(name, folder), 'utf8');

  it('is XML', async () => {
    const parse = 'import sys, xml.etree.ElementTree as tree; print(tree.parse(sys.argv[1]).getroot().tag)';
    const args = ['-c', parse, fileURLToPath(new URL(name, folder))];
    const { stdout } = await promisify(execFile)('python3', args);
    expect(stdout.trim()).toBe('{http://www.w3.org/2000/svg}svg');
  });

  it('is small, runs nothing and loads nothing', () => {
    expect(text.length).toBeLessThan(100_000);
    expect(text).not.toMatch(/<script|<foreignObject|\son\w+=|href|@import|@font-face|url\(/i);
  });

  it('shows a whole run, and no folder of the machine that it was on', () => {
    const shown = text.replace(/<style>.*<\/style>/s, '').replace(/<[^>]+>/g, '\n');
    for (const part of ['$ npx temporal-gemini-files upload', '100%', 'PROCESSING', 'ACTIVE', '/history'])
      expect(shown).toContain(part);
    expect(shown).not.toMatch(/\/(root|home|Users|tmp|work|var)\//);
  });
});

describe.each(ending('.png'))('%s', (name) => {
  const bytes = readFileSync(new URL(name, folder));

  it('is a whole PNG, small, and of a size to read', () => {
    expect(bytes.length).toBeLessThan(300_000);
    const chunks = readChunks(bytes);
    expect(chunks.map(({ type }) => type)).toEqual(expect.arrayContaining(['IHDR', 'IDAT']));
    expect(chunks.at(-1)?.type).toBe('IEND');
    const header = chunks[0]?.data ?? Buffer.alloc(13);
    const [width, height, depth, colorType] = [
      header.readUInt32BE(0),
      header.readUInt32BE(4),
      header.readUInt8(8),
      header.readUInt8(9),
    ];
    expect(width).toBeGreaterThan(600);
    expect(width).toBeLessThan(1200);
    expect(height).toBeGreaterThan(200);
    expect(colorType).toBe(3); // a palette
    const data = Buffer.concat(chunks.filter(({ type }) => type === 'IDAT').map((chunk) => chunk.data));
    expect(inflateSync(data)).toHaveLength(height * (1 + Math.ceil((width * depth) / 8)));
  });

  it('says nothing beside the pixels', () => {
    const types = readChunks(bytes).map(({ type }) => type);
    expect(types.filter((type) => /^(tEXt|iTXt|zTXt|eXIf|tIME)$/.test(type))).toEqual([]);
  });
});

/** @throws where the signature or a checksum is wrong */
function readChunks(png: Buffer): { type: string; data: Buffer }[] {
  expect(png.subarray(0, 8).toString('latin1')).toBe('\x89PNG\r\n\x1a\n');
  const chunks = [];
  for (let at = 8; at < png.length;) {
    const length = png.readUInt32BE(at);
    const body = png.subarray(at + 4, at + 8 + length);
    expect(crc32(body)).toBe(png.readUInt32BE(at + 8 + length));
    chunks.push({ type: body.subarray(0, 4).toString('latin1'), data: body.subarray(4) });
    at += 12 + length;
  }
  return chunks;
}
