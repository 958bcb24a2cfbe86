import { expect, it } from 'vitest';
import { mistakeInFileName } from '../../src/cli/file-name-argument.js';

it.each([
  ['abc123', 'files/abc123'],
  ['files/ABC', 'files/abc'],
  ['/files/abc', 'files/abc'],
  [' files/abc', 'files/abc'],
  ['https://generativelanguage.googleapis.com/v1beta/files/abc', 'files/abc'],
  ['https://generativelanguage.googleapis.com/download/v1beta/files/abc:download?alt=media', 'files/abc'],
])('for %j, the name that was meant is %s', (given, meant) => {
  expect(mistakeInFileName(given)).toMatch(new RegExp(`^expected files/ .*\\. Did you mean ${meant}\\?$`));
});

it.each(['clip.mp4', 'files/', '', '../files/a/b', 'https://example.com/a.mp4'])(
  '%j means no file',
  (given) => {
    expect(mistakeInFileName(given)).toMatch(/^expected files\/ .*[^?]$/);
  },
);

it('a name has no mistake', () => expect(mistakeInFileName('files/abc-1')).toBeUndefined());
