/** Words of a command line that is printed. */

import { execFileSync } from 'node:child_process';
import { expect, it } from 'vitest';
import { shellWord } from '../../src/util/shell-word.js';

it.each(['talk', 'files/a-1', 'my talk', "it's", '$HOME `id` "x" \\', '', '*', "'", 'ä é', 'a\nb'])(
  'a shell reads %j as it was',
  (text) => {
    const script = `printf %s ${shellWord(text)}`;
    expect(execFileSync('sh', ['-c', script], { encoding: 'utf8' })).toBe(text);
  },
);

it('leaves what needs no quotes', () => {
  expect(shellWord('gemini-files-hold-1:a@b')).toBe('gemini-files-hold-1:a@b');
});
