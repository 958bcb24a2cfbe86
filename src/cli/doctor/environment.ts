/** Checks Node.js, this package, and its peer dependencies. */

import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { errorMessage } from '../../util/error-message.js';
import { failed, passed, type Check } from './check.js';

interface Manifest {
  readonly version: string;
  readonly engines: { readonly node: string };
  readonly peerDependencies: Readonly<Record<string, string>>;
}

export async function checkEnvironment(): Promise<Check[]> {
  return [checkNode(process.versions.node), checkPackages(), await checkSdk()];
}

const manifest = () => manifestAt(new URL('../../../package.json', import.meta.url));
const manifestAt = (path: URL | string) => JSON.parse(readFileSync(path, 'utf8')) as Manifest;

export function checkNode(version: string): Check {
  const wanted = manifest().engines.node.replace(/^>=/, '');
  const detail = `Node.js ${version}`;
  return isAtLeast(version, wanted)
    ? passed('node', detail)
    : failed('node', detail, `Install Node.js ${wanted} or later.`);
}

function isAtLeast(version: string, wanted: string): boolean {
  const a = numbers(version);
  const b = numbers(wanted);
  const at = b.findIndex((part, index) => part !== a[index]);
  return at === -1 || (a[at] ?? 0) > (b[at] ?? 0);
}

const numbers = (version: string) =>
  version
    .replace(/[-+].*$/, '')
    .split('.')
    .map(Number);

/** Whether the version satisfies a range in the form of this package's peer dependencies: `^2.32.0 || ^3.0.0`, with majors above 0. */
export function isWithin(version: string, range: string): boolean {
  return range.split('||').some((part) => {
    const from = part.trim().replace(/^\^/, '');
    return numbers(version)[0] === numbers(from)[0] && isAtLeast(version, from);
  });
}

/** Temporal's packages work together only if all have the same version. */
function checkPackages(): Check {
  const names = ['client', 'worker', 'workflow', 'activity', 'common'];
  const versions = new Map(names.map((name) => [name, versionOf(`@temporalio/${name}`) ?? 'not installed']));
  const [version = '', ...others] = new Set(versions.values());
  const { version: own, peerDependencies } = manifest();
  const list = [...versions].map(([name, each]) => `${name} ${each}`).join(', ');
  const detail = `temporal-gemini-files ${own}, @temporalio/* ${others.length === 0 ? version : `: ${list}`}`;
  const range = peerDependencies['@temporalio/worker'] ?? '';
  if (others.length > 0)
    return failed('packages', detail, 'Install all @temporalio packages in one version.');
  return isWithin(version, range)
    ? passed('packages', detail)
    : failed('packages', detail, `Install the @temporalio packages in ${range}.`);
}

/** Reads the manifest from the folders that Node searches, because not every package exports it. */
function versionOf(name: string): string | undefined {
  const folders = createRequire(import.meta.url).resolve.paths(name) ?? [];
  const found = folders.map((folder) => join(folder, name, 'package.json')).find((path) => existsSync(path));
  return found === undefined ? undefined : manifestAt(found).version;
}

async function checkSdk(): Promise<Check> {
  const range = manifest().peerDependencies['@google/genai'] ?? '';
  try {
    await import('@google/genai/web');
  } catch (error) {
    return failed(
      'gemini sdk',
      `@google/genai can't be loaded: ${errorMessage(error)}`,
      'npm install @google/genai',
    );
  }
  return judgeSdk(versionOf('@google/genai'), range);
}

export function judgeSdk(version: string | undefined, range: string): Check {
  const detail = `@google/genai ${version ?? 'of unknown version'}`;
  return version === undefined || isWithin(version, range)
    ? passed('gemini sdk', detail)
    : failed('gemini sdk', `${detail}, not in ${range}`, `npm install '@google/genai@${range}'`);
}
