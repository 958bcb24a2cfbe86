/** The compiled modules without comments. The types keep theirs: an editor shows them. */
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { transform } from 'esbuild';
import ts from 'typescript';

/**
 * The JavaScript of a module without comments. esbuild keeps those within expressions; TypeScript removes all.
 *
 * @param text - TypeScript or JavaScript
 * @param more - further options of the compiler
 */
export function compileWithoutComments(text, fileName, more = {}) {
  const target = ts.ScriptTarget.ES2022;
  const compilerOptions = { removeComments: true, target, module: ts.ModuleKind.ESNext, ...more };
  return ts.transpileModule(text, { compilerOptions, fileName }).outputText;
}

/** Takes the comments out of each module below `folder`. The first line of a command (`#!`) and all names stay. */
export async function removeComments(folder) {
  const names = await readdir(folder, { recursive: true });
  for (const name of names.filter((each) => each.endsWith('.js'))) {
    const module = join(folder, name);
    const options = { format: 'esm', target: 'es2022', legalComments: 'none', charset: 'utf8' };
    const compiled = compileWithoutComments(await readFile(module, 'utf8'), module, { allowJs: true });
    // Its output is shorter than TypeScript's, which indents by four spaces.
    const { code } = await transform(compiled, options);
    await writeFile(module, code);
  }
}
