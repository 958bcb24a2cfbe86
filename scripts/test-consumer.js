// npm run test:consumer [-- --genai3]: the package as its users get it. Packs it, installs the tarball from outside into an ESM
// and a CommonJS project, type-checks them with skipLibCheck: false, loads every entry point, runs a worker with a workflow
// that embeds the wait, and replays its history. With --genai3: on Node 24 with @google/genai 3. Needs npm's registry.
import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { findTemporalCli } from '../dist/cli/temporal-cli/index.js';

/** Bytes of the tarball: a half is code, a fifth each are types and the workflow bundle with its source map, the rest schemas and pages. */
const LIMIT = 600_000;
const root = fileURLToPath(new URL('..', import.meta.url));
const readJson = async (file) => JSON.parse(await readFile(join(root, file), 'utf8'));
const say = (line) => process.stdout.write(`${line}\n`);

/** What a project writes as `module` and `moduleResolution`. */
const modes = {
  esm: ['node16/node16', 'nodenext/nodenext', 'esnext/bundler'],
  // node20 is the module that lets CommonJS import ESM under moduleResolution node16.
  cjs: ['node20/node16', 'nodenext/nodenext', 'preserve/bundler'],
};

/** npm sets variables that point child processes to this repository. */
const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^npm_/i.test(name)));

async function run(cwd, command, ...args) {
  try {
    return (await promisify(execFile)(command, args, { cwd, env, maxBuffer: 64 * 1024 * 1024 })).stdout;
  } catch (error) {
    throw new Error(`${command} ${args.join(' ')}\n${error.stdout ?? ''}${error.stderr ?? error.message}`);
  }
}

async function pack(folder) {
  const args = ['pack', '--json', '--ignore-scripts', '--pack-destination', folder];
  const [{ filename, size, files }] = JSON.parse(await run(root, 'npm', ...args));
  const strangers = files.filter(
    ({ path }) =>
      !/^(dist\/|schemas\/|temporal\/cli-requirements\.txt$|(package\.json|README\.md|LICENSE|CHANGELOG\.md)$)/.test(
        path,
      ) || /\.test\.|(?<!workflow\/index\.js)\.map$|histor(y|ies)\/|fixtures/.test(path),
  );
  if (strangers.length > 0)
    throw new Error(`In the tarball: ${strangers.map(({ path }) => path).join(', ')}`);
  if (size >= LIMIT) throw new Error(`The tarball has ${size} bytes, ${LIMIT} or more`);
  say(`${filename}: ${size} bytes in ${files.length} files, no tests, no recordings`);
  return join(folder, filename);
}

/** The peers and what a TypeScript project has besides, in the versions of the lockfile. */
async function dependencies(genai3) {
  const { packages } = await readJson('package-lock.json');
  const { peerDependencies } = await readJson('package.json');
  // Temporal's types are those of a canary release of ms, which holds its own back: @types/ms has the same.
  const names = [...Object.keys(peerDependencies), 'typescript', '@types/node'];
  const pinned = names.map((name) => `${name}@${packages[`node_modules/${name}`].version}`);
  const chosen = pinned.map((one) => (genai3 && one.startsWith('@google/genai@') ? '@google/genai@3' : one));
  return [...chosen, '@types/ms@2', ...(genai3 ? ['node@24'] : [])];
}

async function project(kind, folder, tarball, { genai3, cli }) {
  await mkdir(join(folder, 'src'), { recursive: true });
  const manifest = { name: kind, private: true, ...(kind === 'esm' && { type: 'module' }) };
  await writeFile(join(folder, 'package.json'), JSON.stringify(manifest));
  await cp(join(root, 'test/consumer'), join(folder, 'src'), { recursive: true });
  await run(folder, 'npm', 'install', '--no-audit', '--no-fund', tarball, ...(await dependencies(genai3)));
  const tsc = (mode, ...args) => {
    const [module, moduleResolution] = mode.split('/');
    const options = ['--strict', '--target', 'es2022', '--skipLibCheck', 'false', ...args];
    const sources = ['main', 'workflows', 'entry-points'].map((name) => `src/${name}.ts`);
    const compiler = join('node_modules', 'typescript', 'bin', 'tsc');
    const how = ['--module', module, '--moduleResolution', moduleResolution];
    return run(folder, process.execPath, compiler, ...how, ...options, ...sources);
  };
  for (const mode of modes[kind]) await tsc(mode, '--noEmit');
  say(`${kind}: types under ${modes[kind].join(', ')}, skipLibCheck: false`);
  if (kind === 'cjs') await refusesNode16(() => tsc('node16/node16', '--noEmit'));

  const { exports } = await readJson('package.json');
  const node = genai3 ? join(folder, 'node_modules', 'node', 'bin', 'node') : process.execPath;
  const entries = Object.keys(exports).map((entry) => entry.replace('.', 'temporal-gemini-files'));
  const load =
    kind === 'esm'
      ? [
          '--input-type=module',
          '-e',
          entries
            .map((e) => `import ${JSON.stringify(e)}${e.endsWith('.json') ? " with { type: 'json' }" : ''};`)
            .join(''),
        ]
      : ['-e', entries.map((e) => `require(${JSON.stringify(e)});`).join('')];
  await run(folder, node, ...load);
  say(`${kind}: ${kind === 'esm' ? 'imports' : 'requires'} ${entries.length} entry points`);

  await tsc('nodenext/nodenext', '--outDir', 'lib');
  const genai = JSON.parse(await readFile(join(folder, 'node_modules/@google/genai/package.json'), 'utf8'));
  const said = await run(folder, node, 'lib/main.js', join(folder, 'lib/workflows.js'), cli);
  say(`${kind}: @google/genai ${genai.version}, ${said.trim().split('\n').at(-1)}`);
}

/** As documented: under module node16, TypeScript lets CommonJS have ESM by `await import()` alone. */
async function refusesNode16(check) {
  const said = await check().then(
    () => 'nothing',
    (error) => error.message,
  );
  if (!said.includes('TS1479')) throw new Error(`cjs under node16/node16: expected TS1479, got ${said}`);
  say('cjs: module node16 wants await import() (TS1479), as documented');
}

const genai3 = process.argv.includes('--genai3');
const { path: cli } = await findTemporalCli();
const folder = await mkdtemp(join(tmpdir(), 'gemini-files-consumer-'));
try {
  const tarball = await pack(folder);
  const kinds = genai3 ? ['esm'] : ['esm', 'cjs'];
  for (const kind of kinds) await project(kind, join(folder, kind), tarball, { genai3, cli });
} finally {
  await rm(folder, { recursive: true, force: true });
}
