/** Packs the package, and checks what is in the tarball. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runBounded } from './run-bounded.js';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** Bytes of the tarball: a third is code, a quarter the workflow bundle and the workflow entry, a fifth types, a seventh the pages of docs. */
const LIMIT = 680_000;
const PUBLISHED =
  /^(dist\/|docs\/[a-z-]+\.md$|docs\/README\.md$|schemas\/|temporal\/cli-requirements\.txt$|(package\.json|README\.md|LICENSE|CHANGELOG\.md)$)/;
const PRIVATE = /\.test\.|(?<!workflow\/index\.js)\.map$|histor(y|ies)\/|fixtures/;

/** What package.json promises: the entry points with their types, and the command. */
const manifest = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
const NEEDED = [
  ...Object.values(manifest.exports).flatMap((entry) =>
    typeof entry === 'string' ? [entry] : Object.values(entry),
  ),
  ...Object.values(manifest.bin),
].map((path) => path.replace(/^\.\//, ''));

/** @returns the path of the tarball in `folder`, and a sentence about it */
export async function pack(folder) {
  const printed = await runBounded(root, [
    ...['npm', 'pack', '--json', '--ignore-scripts', '--pack-destination', folder],
  ]);
  const [{ filename, size, files }] = JSON.parse(printed);
  const strangers = files
    .map(({ path }) => path)
    .filter((path) => !PUBLISHED.test(path) || PRIVATE.test(path));
  const packed = new Set(files.map(({ path }) => path));
  const missing = NEEDED.filter((path) => !packed.has(path));
  if (missing.length > 0) throw new Error(`Not in the tarball: ${missing.join(', ')}`);
  if (strangers.length > 0) throw new Error(`In the tarball: ${strangers.join(', ')}`);
  if (size >= LIMIT) throw new Error(`The tarball has ${size} bytes, ${LIMIT} or more`);
  return {
    tarball: join(folder, filename),
    summary: `${filename}: ${size} bytes in ${files.length} files, no tests, no recordings`,
  };
}
