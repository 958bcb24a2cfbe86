// npm run schemas: writes schemas/*.schema.json, the contract for callers in any language, and the table of options in the README. Options
// come from the tables of fields in src/contract, everything else from the TypeScript types.
// With --check it writes nothing and exits 1 if a file is not what the code says.
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { format, resolveConfig } from 'prettier';
import { createGenerator } from 'ts-json-schema-generator';
import { readOptions } from './read-options.js';
import { schemaOf, tableOf } from './render-options.js';

const path = (relative) => fileURLToPath(new URL(`../../${relative}`, import.meta.url));

/** Schema file by type, and the file that defines it. */
const types = {
  ActiveFile: ['active-file', 'file'],
  UploadStatus: ['upload-status', 'file'],
  FailureDetails: ['failure-details', 'errors'],
  SweepResult: ['sweep-result', 'sweep'],
  FileIdentity: ['file-identity', 'identify'],
};

const uploadOptions = await readOptions('options', 'UPLOAD_FIELDS', 'UploadOptions');
const sweepOptions = await readOptions('sweep', 'SWEEP_FIELDS', 'SweepOptions');
const identifyOptions = await readOptions('identify', 'IDENTIFY_FIELDS', 'IdentifyOptions');
const { $schema: _schema, definitions: _none, ...Duration } = schemaOfType('Duration', 'duration');

const check = process.argv.includes('--check');
const stale = [];
await mkdir(path('schemas'), { recursive: true });
for (const [type, [name, source]] of Object.entries(types))
  await writeSchema(name, type, schemaOfType(type, source));
await writeSchema('upload-options', 'UploadOptions', schemaOf(uploadOptions, { Duration }));
await writeSchema('sweep-options', 'SweepOptions', schemaOf(sweepOptions, { Duration }));
await writeSchema('identify-options', 'IdentifyOptions', schemaOf(identifyOptions, { Duration }));
await write('README.md', await readmeWith(tableOf(uploadOptions)));
if (stale.length > 0) {
  process.stderr.write(`Not what the code says, run npm run schemas:\n${stale.join('\n')}\n`);
  process.exit(1);
}

function schemaOfType(type, source) {
  return createGenerator({
    path: path(`src/contract/${source}.ts`),
    tsconfig: path('tsconfig.json'),
    type,
    skipTypeCheck: true,
    topRef: false,
  }).createSchema(type);
}

function writeSchema(name, type, schema) {
  return write(`schemas/${name}.schema.json`, JSON.stringify({ title: type, ...schema }));
}

async function readmeWith(table) {
  const text = await readFile(path('README.md'), 'utf8');
  const [before, rest = ''] = text.split('<!-- options -->');
  const [, after] = rest.split('<!-- end options -->');
  if (after === undefined) throw new Error('README.md has no place for the options');
  return `${before}<!-- options -->\n\n${table}\n\n<!-- end options -->${after}`;
}

async function write(relative, content) {
  const file = path(relative);
  const text = await format(content, { ...(await resolveConfig(file)), filepath: file });
  if (!check) await writeFile(file, text);
  else if ((await readFile(file, 'utf8').catch(() => '')) !== text) stale.push(file);
}
