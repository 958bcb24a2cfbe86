import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeFolder } from '../../src/util/make-folder.js';

let root: string;
beforeEach(() => void (root = mkdtempSync(join(tmpdir(), 'make-folder-'))));
afterEach(() => rmSync(root, { recursive: true }));

describe('makeFolder', () => {
  it('creates the folders above, all with the mode', () => {
    makeFolder(join(root, 'a', 'b'), 0o700);
    expect(statSync(join(root, 'a')).mode & 0o777).toBe(0o700);
    expect(statSync(join(root, 'a', 'b')).mode & 0o777).toBe(0o700);
  });

  it('leaves a folder that exists as it is', () => {
    makeFolder(root);
    expect(statSync(root).isDirectory()).toBe(true);
  });

  it('fails where a file is in the way', () => {
    writeFileSync(join(root, 'file'), '');
    expect(() => makeFolder(join(root, 'file'))).toThrow('EEXIST');
    expect(() => makeFolder(join(root, 'file', 'below'))).toThrow('ENOTDIR');
  });

  // With Node's own `recursive`, this never ends.
  it.skipIf(process.platform !== 'linux')('fails where nothing can be created', () => {
    expect(() => makeFolder('/proc/.local/state')).toThrow(/ENOENT.*'\/proc\/\.local'/);
  });
});
