import { writeFile, open } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { detectMimeType, FileSource } from '../../src/gemini/index.js';
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

describe('detectMimeType', () => {
  it.each([
    ['clip.mp4', 'video/mp4'],
    ['CLIP.MP4', 'video/mp4'],
    ['clip.mov', 'video/quicktime'],
    ['sound.mp3', 'audio/mpeg'],
    ['sound.flac', 'audio/x-flac'],
    ['page.md', 'text/markdown'],
    ['page.html', 'text/html'],
    ['paper.pdf', 'application/pdf'],
    ['photo.heic', 'image/heic'],
    ['stream.ts', 'video/mp2t'],
    ['notes.tar.txt', 'text/plain'],
  ])('goes by the name: %s is %s', async (name, type) => {
    expect(await typeOf(name, 'x')).toBe(type);
  });

  it('decides by the content if the name does not show the type', async () => {
    expect(await typeOf('picture', PNG)).toBe('image/png');
    expect(await typeOf('picture.unknown-ending', PNG)).toBe('image/png');
  });

  it('asks for mimeType if neither decides', async () => {
    await expect(typeOf('README', 'plain words')).rejects.toMatchObject({
      name: 'InvalidOptionsError',
      message: expect.stringMatching(/^Invalid option mimeType: .*README/) as string,
    });
    // Of no registered type, and the provider takes it under several names.
    await expect(typeOf('lines.jsonl', '{}\n')).rejects.toThrow('Invalid option mimeType');
    await expect(typeOf('one-byte', Buffer.alloc(1))).rejects.toThrow('Invalid option mimeType');
  });
});
