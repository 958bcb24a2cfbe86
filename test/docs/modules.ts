/** TypeScript blocks of the documentation as modules that Node.js loads; they import the build by the package's name. */

import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import ts from 'typescript';
import { codeBlocks, PAGES, type CodeBlock } from './pages.js';

/** Where a block stands: its page, and a text that only it has. */
export type Place = readonly [page: string, contains: string];

export const isAt =
  ([page, contains]: Place) =>
  (block: CodeBlock) =>
    block.page === page && block.text.includes(contains);

/** Inside of this repository, so that the package's own name leads to its build. */
const folder = fileURLToPath(new URL('../../.cache/docs-run/', import.meta.url));

/** What is not a shell block: `shell.test.ts` has those. */
export const blocks = PAGES.flatMap(codeBlocks).filter(({ language }) => language !== 'sh');

export function blockAt(place: Place): CodeBlock {
  const found = blocks.find(isAt(place));
  if (!found) throw new Error(`${place[0]} has no block with ${place[1]}`);
  return found;
}

/** Empties the folder of the modules, and puts a workflows file there, which some blocks name: compiled, or as TypeScript. */
export function clearModules(): void {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const workflows = "export * from 'temporal-gemini-files/workflow';";
  writeModule('workflows', workflows);
  writeFileSync(join(folder, 'workflows.ts'), workflows);
}

/**
 * @param into - another folder than that of the documentation's tests, for a block without imports of the package
 * @returns the file's path
 */
export function writeModule(name: string, text: string, into = folder): string {
  const { outputText } = ts.transpileModule(text, {
    compilerOptions: {
      module: ts.ModuleKind.ESNext,
      target: ts.ScriptTarget.ES2022,
      verbatimModuleSyntax: true,
    },
  });
  const file = join(into, `${name}.js`);
  writeFileSync(file, outputText);
  return file;
}

export async function load(file: string): Promise<Record<string, unknown>> {
  return (await import(/* @vite-ignore */ pathToFileURL(file).href)) as Record<string, unknown>;
}
