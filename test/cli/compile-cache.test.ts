/** Node.js keeps the compiled code of a command's modules in a folder of the user. The folder is not used if anybody else can write to it. */

import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { enableCompileCache } from '../../src/cli/compile-cache.js';

let root: string;
beforeEach(() => void (root = mkdtempSync(join(tmpdir(), 'compile-cache-'))));
afterEach(() => {
  vi.restoreAllMocks();
  rmSync(root, { recursive: true });
});

const enable = vi.fn<(folder: string) => unknown>();
beforeEach(() => void enable.mockReset());

const own = () => join(root, 'temporal-gemini-files');
const compiled = () => join(own(), 'compiled');
const enableIn = (XDG_CACHE_HOME: string, env = {}) => enableCompileCache({ XDG_CACHE_HOME, ...env }, enable);

describe.skipIf(process.platform === 'win32')('enableCompileCache', () => {
  it('names a folder that is for the user alone, each time', () => {
    enableIn(root);
    enableIn(root);
    expect(enable.mock.calls).toEqual([[compiled()], [compiled()]]);
    expect(statSync(compiled()).mode & 0o777).toBe(0o700);
  });

  it.each([['NODE_COMPILE_CACHE'], ['NODE_DISABLE_COMPILE_CACHE'], ['NODE_V8_COVERAGE']])(
    'does nothing with %s',
    (name) => {
      enableIn(root, { [name]: '1' });
      expect(enable).not.toHaveBeenCalled();
      expect(existsSync(own())).toBe(false);
    },
  );

  it.each([
    ['the folder above', () => root],
    ["this package's folder", own],
    ['the folder itself', compiled],
  ])('does without if others can write to %s', (_, path) => {
    mkdirSync(compiled(), { recursive: true, mode: 0o700 });
    chmodSync(path(), 0o777);
    enableIn(root);
    expect(enable).not.toHaveBeenCalled();
  });

  it.each([
    ["this package's folder", own],
    ['the folder itself', compiled],
  ])('does without if %s is a link, and leaves alone what it points to', (_, path) => {
    const target = join(root, 'target');
    mkdirSync(target);
    if (path === compiled) mkdirSync(own(), 0o700);
    symlinkSync(target, path());
    const { mode } = statSync(target);
    enableIn(root);
    expect(enable).not.toHaveBeenCalled();
    expect(statSync(target).mode).toBe(mode);
  });

  it('does without if the folder is of another user, as with sudo, and creates nothing there', () => {
    vi.spyOn(process as { geteuid: () => number }, 'geteuid').mockReturnValue(statSync(root).uid + 1);
    enableIn(root);
    expect(enable).not.toHaveBeenCalled();
    expect(existsSync(own())).toBe(false);
  });

  it('creates no folder above its own', () => {
    enableIn(join(root, 'missing'));
    expect(enable).not.toHaveBeenCalled();
    expect(existsSync(join(root, 'missing'))).toBe(false);
  });

  it('says nothing if Node.js cannot use it', () => {
    enable.mockImplementation(() => {
      throw new Error('no');
    });
    enableIn(root);
    expect(enable).toHaveBeenCalledOnce();
  });
});
