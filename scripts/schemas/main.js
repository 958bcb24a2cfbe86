// npm run schemas: writes schemas/*.schema.json, the contract for callers in any language, and tables in docs: of options in
// options.md, wait-active.md, holds.md and emulator.md, of fields in configuration.md, of failures in failures.md. Options come from the tables of fields in src/contract, failures from their
// classes, everything else from the TypeScript types.
// With --check it writes nothing and exits 1 if a file is not what the code says.
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { format, resolveConfig } from 'prettier';
import { createGenerator } from 'ts-json-schema-generator';
import { configFields, configSchema } from './config.js';
import { emulatorOptionsTable } from './emulator-options.js';
import { failuresTable } from './failures.js';
import { readOptions } from './read-options.js';
import { fieldsTable, schemaOf, tableOf } from './render-options.js';

const path = (relative) => fileURLToPath(new URL(`../../${relative}`, import.meta.url));

/** Schema file by type, and the file that defines it. */
const types = {
  ActiveFile: ['active-file', 'file'],
  UploadStatus: ['upload-status', 'file'],
  FailureDetails: ['failure-details', 'error-details'],
  SweepResult: ['sweep-result', 'sweep'],
  HoldStatus: ['hold-status', 'hold'],
  HoldResult: ['hold-result', 'hold'],
  HeldFileReady: ['held-file-ready', 'hold'],
  FileIdentity: ['file-identity', 'identify'],
};

const uploadOptions = await readOptions('options', 'UPLOAD_FIELDS', 'UploadOptions');
const waitOptions = await readOptions('wait-options', 'WAIT_FIELDS', 'WaitOptions');
const sweepOptions = await readOptions('sweep', 'SWEEP_FIELDS', 'SweepOptions');
const holdSettings = await readOptions('hold', 'HOLD_FIELDS', 'HoldSettings');
const holdOptions = {
  text: "Input of `holdActiveFile`: the options of the upload, and those of the hold. Durations: milliseconds or a string such as `'5d'`.",
  options: [...uploadOptions.options, ...holdSettings.options],
};
const acquireHold = await readOptions('hold', 'ACQUIRE_FIELDS', 'AcquireHold');
const releaseHold = await readOptions('hold', 'RELEASE_FIELDS', 'ReleaseHold');
const identifyOptions = await readOptions('identify', 'IDENTIFY_FIELDS', 'IdentifyOptions');
const { $schema: _schema, definitions: _none, ...Duration } = schemaOfType('Duration', 'duration');

const check = process.argv.includes('--check');
const stale = [];
await mkdir(path('schemas'), { recursive: true });
for (const [type, [name, source]] of Object.entries(types))
  await writeSchema(name, type, schemaOfType(type, source));
await writeSchema('upload-options', 'UploadOptions', schemaOf(uploadOptions, { Duration }));
await writeSchema('wait-options', 'WaitOptions', schemaOf(waitOptions, { Duration }));
await writeSchema('sweep-options', 'SweepOptions', schemaOf(sweepOptions, { Duration }));
await writeSchema('hold-options', 'HoldOptions', schemaOf(holdOptions, { Duration }));
await writeSchema('acquire-hold', 'AcquireHold', schemaOf(acquireHold, { Duration }));
await writeSchema('release-hold', 'ReleaseHold', schemaOf(releaseHold, {}));
await writeSchema('identify-options', 'IdentifyOptions', schemaOf(identifyOptions, { Duration }));
await writeSchema('config', 'ConfigFile', await configSchema({ Duration }));
await write('docs/options.md', await pageWith('docs/options.md', 'options', tableOf(uploadOptions)));
await write('docs/wait-active.md', await pageWith('docs/wait-active.md', 'options', tableOf(waitOptions)));
await write('docs/holds.md', await pageWith('docs/holds.md', 'options', tableOf(holdSettings)));
const fields = fieldsTable(await configFields());
await write('docs/configuration.md', await pageWith('docs/configuration.md', 'fields', fields));
await write('docs/failures.md', await pageWith('docs/failures.md', 'failures', await failuresTable()));
await write('docs/emulator.md', await pageWith('docs/emulator.md', 'options', await emulatorOptionsTable()));
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

/** The page with the table in its place. */
async function pageWith(page, place, table) {
  const text = await readFile(path(page), 'utf8');
  const [before, rest = ''] = text.split(`<!-- ${place} -->`);
  const [, after] = rest.split(`<!-- end ${place} -->`);
  if (after === undefined) throw new Error(`${page} has no place for the ${place}`);
  return `${before}<!-- ${place} -->\n\n${table}\n\n<!-- end ${place} -->${after}`;
}

async function write(relative, content) {
  const file = path(relative);
  const text = await format(content, { ...(await resolveConfig(file)), filepath: file });
  if (!check) await writeFile(file, text);
  else if ((await readFile(file, 'utf8').catch(() => '')) !== text) stale.push(file);
}
