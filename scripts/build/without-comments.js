/** The compiled modules without comments. The types keep theirs: an editor shows them. */
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { transform } from 'esbuild';
import ts from 'typescript';

/** esbuild keeps comments within expressions. Its output is shorter than TypeScript's, which indents by four spaces. */
const COMPILER_OPTIONS = {
  allowJs: true,
  removeComments: true,
  target: ts.ScriptTarget.ES2022,
  module: ts.ModuleKind.ESNext,
};

/** Takes the comments out of each module below `folder`. The first line of a command (`#!`) and all names stay. */
export async function removeComments(folder) {
  const names = await readdir(folder, { recursive: true });
  for (const name of names.filter((each) => each.endsWith('.js'))) {
    const module = join(folder, name);
    const options = { format: 'esm', target: 'es2022', legalComments: 'none', charset: 'utf8' };
    const compiled = await readFile(module, 'utf8');
    const { outputText } = ts.transpileModule(compiled, {
      compilerOptions: COMPILER_OPTIONS,
      fileName: module,
    });
    const { code } = await transform(outputText, options);
    await writeFile(module, code);
  }
}
