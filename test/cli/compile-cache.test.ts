/** Where Node.js keeps the compiled code of the command's modules. */

import { existsSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { enableCompileCache } from '../../src/cli/compile-cache.js';

let root: string;
beforeEach(() => void (root = mkdtempSync(join(tmpdir(), 'compile-cache-'))));
afterEach(() => rmSync(root, { recursive: true }));

const enable = vi.fn<(folder: string) => unknown>();
beforeEach(() => void enable.mockReset());

describe.skipIf(process.platform !== 'linux')('enableCompileCache', () => {
  const folder = () => join(root, 'temporal-gemini-files', 'compiled');

  it('names a folder that is for the user alone', () => {
    enableCompileCache({ XDG_CACHE_HOME: root }, enable);
    expect(enable.mock.calls).toEqual([[folder()]]);
    expect(statSync(folder()).mode & 0o777).toBe(0o700);
  });

  it('takes away what others may do in a folder that exists', () => {
    mkdirSync(folder(), { recursive: true, mode: 0o777 });
    enableCompileCache({ XDG_CACHE_HOME: root }, enable);
    expect(statSync(folder()).mode & 0o777).toBe(0o700);
  });

  it.each([['NODE_COMPILE_CACHE'], ['NODE_DISABLE_COMPILE_CACHE']])(
    'leaves it to Node.js with %s',
    (name) => {
      enableCompileCache({ XDG_CACHE_HOME: root, [name]: '1' }, enable);
      expect(enable).not.toHaveBeenCalled();
      expect(existsSync(folder())).toBe(false);
    },
  );

  it('does without where no folder can be made', () => {
    writeFileSync(join(root, 'file'), '');
    enableCompileCache({ XDG_CACHE_HOME: join(root, 'file') }, enable);
    expect(enable).not.toHaveBeenCalled();
  });
});
