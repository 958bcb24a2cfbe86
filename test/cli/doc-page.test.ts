import { existsSync } from 'node:fs';
import { isAbsolute } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { docPage } from '../../src/cli/doc-page.js';

const root = process.cwd();
afterEach(() => process.chdir(root));

it('names a page that the user can open from the working directory', () => {
  expect(docPage('options')).toBe('docs/options.md');
  process.chdir('src');
  const page = docPage('options');
  expect(isAbsolute(page)).toBe(true);
  expect(existsSync(page)).toBe(true);
});
