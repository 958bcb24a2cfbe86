// npm run schemas: writes schemas/*.schema.json, the contract for callers in any language, from the TypeScript types.
// With --check it writes nothing and exits 1 where a file is not what the types say.
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { format, resolveConfig } from 'prettier';
import { createGenerator } from 'ts-json-schema-generator';

const path = (relative) => fileURLToPath(new URL(`../${relative}`, import.meta.url));

/** Schema file by type, and the file that defines it. */
const types = {
  UploadOptions: ['upload-options', 'options'],
  ActiveFile: ['active-file', 'file'],
  UploadStatus: ['upload-status', 'file'],
  FailureDetails: ['failure-details', 'errors'],
  SweepOptions: ['sweep-options', 'sweep'],
  SweepResult: ['sweep-result', 'sweep'],
};

const check = process.argv.includes('--check');
const stale = [];
await mkdir(path('schemas'), { recursive: true });
for (const [type, [name, source]] of Object.entries(types)) {
  const schema = createGenerator({
    path: path(`src/contract/${source}.ts`),
    tsconfig: path('tsconfig.json'),
    type,
    skipTypeCheck: true,
    topRef: false,
  }).createSchema(type);
  const file = path(`schemas/${name}.schema.json`);
  const text = await format(JSON.stringify({ title: type, ...schema }), {
    ...(await resolveConfig(file)),
    filepath: file,
  });
  if (!check) await writeFile(file, text);
  else if ((await readFile(file, 'utf8').catch(() => '')) !== text) stale.push(file);
}
if (stale.length > 0) {
  process.stderr.write(`Not what the types say, run npm run schemas:\n${stale.join('\n')}\n`);
  process.exit(1);
}
