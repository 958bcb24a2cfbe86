/** A project of a user, in a folder of its own outside this repository. */
import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runBounded } from './run-bounded.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
const manifest = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
const lockfile = JSON.parse(await readFile(join(root, 'package-lock.json'), 'utf8'));

/** The lowest version of Node.js that package.json permits. */
export const LOWEST_NODE = manifest.engines.node.replace('>=', '');

/** The version of a package that this repository's lockfile has: a new release of it cannot break these checks. */
export const locked = (name) => `${name}@${lockfile.packages[`node_modules/${name}`].version}`;

/** What the install line of the documentation names, with the Gemini SDK that runs on Node.js 20. */
export const README_LINE = [
  '@google/genai',
  '@temporalio/client',
  '@temporalio/worker',
  '@temporalio/workflow',
].map(locked);
/** What the optional entry points, and a user's own tests with Temporal's test server, need besides. */
export const OPTIONAL = ['@temporalio/nexus', '@temporalio/testing', 'nexus-rpc'].map(locked);

/** Every entry point that is code, as users import it. */
export const ENTRY_POINTS = Object.keys(manifest.exports)
  .filter((entry) => !entry.endsWith('.json'))
  .map((entry) => entry.replace('.', manifest.name));
/** The entry points that the install line alone is enough for. */
export const PLAIN_ENTRY_POINTS = ENTRY_POINTS.filter((entry) => !entry.includes('nexus'));

export class Project {
  /** @param {string} folder @param {object} [fields] of package.json */
  static async create(folder, fields = {}) {
    await mkdir(folder, { recursive: true });
    const project = new Project(folder);
    await project.write('package.json', JSON.stringify({ name: 'consumer', private: true, ...fields }));
    return project;
  }

  constructor(folder) {
    this.folder = folder;
  }

  async write(path, text) {
    const file = join(this.folder, path);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, text);
    return file;
  }

  run(commandLine, options) {
    return runBounded(this.folder, commandLine, options);
  }

  /** Takes what the cache has: the packages of an earlier case are not asked for again. */
  npmInstall(...packages) {
    return this.run(['npm', 'install', '--no-audit', '--no-fund', '--prefer-offline', ...packages]);
  }

  /** The Node.js that the project has installed from npm, or the one that runs this. */
  get node() {
    const own = join(this.folder, 'node_modules', 'node', 'bin', 'node');
    return existsSync(own) ? own : process.execPath;
  }

  nodeRun(args, options) {
    return this.run([this.node, ...args], options);
  }

  cli(args, options) {
    return this.nodeRun([join('node_modules', manifest.name, manifest.bin[manifest.name]), ...args], options);
  }

  bin(name, args, options) {
    return this.nodeRun([join('node_modules', '.bin', name), ...args], options);
  }

  async versionOf(name) {
    return JSON.parse(await readFile(join(this.folder, 'node_modules', name, 'package.json'), 'utf8'))
      .version;
  }
}

/** Code that loads the entry points, for `node -e`. */
export const importsOf = (entries) => [
  '--input-type=module',
  '-e',
  entries.map((e) => `import ${JSON.stringify(e)};`).join(''),
];
export const requiresOf = (entries) => ['-e', entries.map((e) => `require(${JSON.stringify(e)});`).join('')];

/** Throws unless the text contains all of these. */
export function expectText(text, ...parts) {
  const missing = parts.filter((part) => !text.includes(part));
  if (missing.length > 0)
    throw new Error(`Expected ${missing.map((part) => JSON.stringify(part)).join(', ')} in:\n${text}`);
}

/** What a command prints that is expected to fail. */
export async function failureOf(promise) {
  const said = await promise.then(
    () => undefined,
    (error) => error.message,
  );
  if (said === undefined) throw new Error('Expected a failure, and it worked');
  return said;
}
