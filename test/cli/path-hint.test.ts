import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { hintForPath } from '../../src/cli/upload/path-hint.js';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'path-hint-'));
  for (const name of ['Clip.MP4', 'U\u0308bung.mp3']) writeFileSync(join(folder, name), 'x');
});
afterAll(() => rmSync(folder, { recursive: true }));

const hint = (given: string) => hintForPath(given, resolve(folder, given));

it('names the file that was meant, in another spelling', async () => {
  expect(await hint('clip.mp4')).toBe(`Did you mean ${join(folder, 'Clip.MP4')}?`);
  expect(await hint('Clip.MP4 ')).toBe(`Did you mean ${join(folder, 'Clip.MP4')}?`);
  expect(await hint('Übung.mp3')).toBe(`Did you mean ${join(folder, 'U\u0308bung.mp3')}?`);
  expect(await hint('other.mp4')).toBeUndefined();
  expect(await hint('nowhere/clip.mp4')).toBeUndefined();
});

it.each([
  ['file:///srv/my%20clip.mp4', 'It is a URL; give the path: /srv/my clip.mp4'],
  ['~/clip.mp4', /did not replace ~/],
  ['"clip.mp4"', /quotation marks/],
])('%s', async (given, expected) => {
  expect(await hint(given)).toMatch(expected);
});
