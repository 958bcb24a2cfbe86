/** The Temporal server and its SQL tool, built from the Go module once, and the module's folder, which has the schema. */
import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { run } from './processes.js';

const MODULE = 'go.temporal.io/server';
// Of the last minor version for which `go install` finds every module.
export const VERSION = 'v1.30.4';
const cache = fileURLToPath(new URL(`../../.cache/topology/${VERSION}`, import.meta.url));

/** @returns `{server, sqlTool, schema}`: two binaries and a folder */
export async function serverBinaries(say) {
  const server = join(cache, 'server');
  const sqlTool = join(cache, 'sql');
  if (!existsSync(server) || !existsSync(sqlTool)) {
    say(`Building the Temporal server ${VERSION} by go install, once; takes some minutes …`);
    await mkdir(cache, { recursive: true });
    const env = { ...process.env, GOBIN: cache };
    const packages = ['cmd/server', 'cmd/tools/sql'].map((path) => `${MODULE}/${path}@${VERSION}`);
    await run('go', ['install', ...packages], { env });
  }
  const { Dir } = JSON.parse(await run('go', ['mod', 'download', '-json', `${MODULE}@${VERSION}`]));
  return { server, sqlTool, schema: join(Dir, 'schema') };
}
