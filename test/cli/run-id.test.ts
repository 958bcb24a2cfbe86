import { expect, it } from 'vitest';
import { shortIdOf, toRunId } from '../../src/cli/upload/run-id.js';
import type { FileOrigin } from '../../src/contract/options.js';

const idOf = (origin: FileOrigin) =>
  toRunId(origin, { sizeBytes: 0, version: '' }, 'https://gemini.example').workflowId;

it.each<[FileOrigin, string]>([
  [{ source: 'https://media.example/a/clip.txt?code=S3CRET' }, 'clip.txt'],
  [{ source: 'https://media.example/clip.txt?to=/a/S3CRET' }, 'clip.txt'],
  [{ source: 'https://media.example?code=S3CRET' }, 'media.example'],
  [{ source: 'archive:talks/clip 1.mp4' }, 'clip-1.mp4'],
  [{ path: '/data/clip?.txt' }, 'clip-.txt'],
])('the id of the run of %j shows the name of its file, and no query', (origin, name) => {
  const id = idOf(origin);
  expect(id).toMatch(/^gemini-files-.+-[0-9a-f]{20}$/);
  expect(id.slice('gemini-files-'.length, -21)).toBe(name);
});

it('two queries are two runs', () => {
  const url = 'https://media.example/clip.txt?version=';
  expect(idOf({ source: `${url}1` })).not.toBe(idOf({ source: `${url}2` }));
  expect(idOf({ source: `${url}1` })).toBe(idOf({ source: `${url}1` }));
});

it('the short id of a run has its hash and its number, and no name', () => {
  const id = idOf({ path: `/data/${'𠮷'.repeat(60)}` });
  expect(shortIdOf(id)).toBe(id.slice(-20));
  expect(shortIdOf(`${id}-12`)).toBe(`${id.slice(-20)}-12`);
  expect(shortIdOf('𠮷'.repeat(100))).toMatch(/^[0-9a-f]{20}$/);
});
