// The entry `./workflow` as one file. Temporal's bundler keeps every module as it is and adds more than a kilobyte to each, so modules of
// their own would make a user's workflow bundle twice as large as this file does. Nothing is left out and no name is changed.
import { readFile, writeFile } from 'node:fs/promises';
import { build } from 'esbuild';
import { compileWithoutComments } from './without-comments.js';

/** Compiles the workflows and what they import of ours into one module. Temporal's packages stay imports. */
export async function writeWorkflowEntry(entryPoint, outfile) {
  await build({
    entryPoints: [entryPoint],
    outfile,
    bundle: true,
    treeShaking: false,
    format: 'esm',
    platform: 'neutral',
    target: 'es2022',
    external: ['@temporalio/*'],
    legalComments: 'none',
    sourcemap: true,
    sourcesContent: false,
    plugins: [withoutComments],
  });
  // Stack traces need file and line only. But the bundler looks for a source without text, and warns if it is not in the package.
  const map = JSON.parse(await readFile(`${outfile}.map`, 'utf8'));
  const sourcesContent = map.sources.map(() => '// not in the package');
  await writeFile(`${outfile}.map`, JSON.stringify({ ...map, sourcesContent }));
}

/** esbuild follows the map in the compiled text to the source. */
const withoutComments = {
  name: 'without-comments',
  setup({ onLoad }) {
    onLoad({ filter: /\.ts$/ }, async ({ path: fileName }) => {
      const text = await readFile(fileName, 'utf8');
      return { contents: compileWithoutComments(text, fileName, { inlineSourceMap: true }) };
    });
  },
};
