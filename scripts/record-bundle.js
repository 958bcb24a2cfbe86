// npm run record-bundle: keeps the workflow bundle of this version in test/e2e/bundles/<version>.js.gz, for the upgrade drill, which
// runs it beside the current one. That of a released version (one with a heading in CHANGELOG.md) is never overwritten.
import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';

const path = (relative) => fileURLToPath(new URL(`../${relative}`, import.meta.url));
const { version } = JSON.parse(await readFile(path('package.json'), 'utf8'));
const file = path(`test/e2e/bundles/${version}.js.gz`);
const released = (await readFile(path('CHANGELOG.md'), 'utf8')).includes(`\n## [${version}]`);
if (released && existsSync(file)) {
  process.stderr.write(
    `${version} is released: its bundle stays as it is. Raise the version in package.json first.\n`,
  );
  process.exit(1);
}
await mkdir(path('test/e2e/bundles'), { recursive: true });
const packed = gzipSync(await readFile(path('dist/workflow-bundle.js')), { level: 9 });
await writeFile(file, packed);
process.stdout.write(`${version}.js.gz: ${packed.length} bytes\n`);
