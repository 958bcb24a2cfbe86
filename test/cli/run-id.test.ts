import { expect, it } from 'vitest';
import { toRunId } from '../../src/cli/upload/run-id.js';
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
