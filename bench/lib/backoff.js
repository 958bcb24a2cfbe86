// The package's own backoff, from its source: the build ships it only within the workflow entry.
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const entry = fileURLToPath(new URL('../../src/workflow/backoff.ts', import.meta.url));
const { outputFiles } = await build({
  entryPoints: [entry],
  bundle: true,
  write: false,
  format: 'esm',
  platform: 'node',
});

export const { nextInterval, sleepBefore } = await import(
  `data:text/javascript,${encodeURIComponent(outputFiles[0].text)}`
);
