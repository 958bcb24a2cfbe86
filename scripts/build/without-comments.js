/** The compiled modules without comments. The types keep theirs: an editor shows them. */
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { transform } from 'esbuild';

/** Takes the comments out of each module below `folder`. The first line of a command (`#!`) and all names stay. */
export async function removeComments(folder) {
  const names = await readdir(folder, { recursive: true });
  for (const name of names.filter((each) => each.endsWith('.js'))) {
    const module = join(folder, name);
    const options = { format: 'esm', target: 'es2022', legalComments: 'none', charset: 'utf8' };
    const { code } = await transform(await readFile(module, 'utf8'), options);
    await writeFile(module, code);
  }
}
