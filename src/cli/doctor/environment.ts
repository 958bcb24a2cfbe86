/** Node, this package, and what it needs beside it. */

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { failed, messageOf, passed, type Check } from './check.js';

interface Manifest {
  readonly version: string;
  readonly engines: { readonly node: string };
}

export async function checkEnvironment(): Promise<Check[]> {
  return [checkNode(process.versions.node), checkPackages(), await checkSdk()];
}

const manifest = () =>
  JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8')) as Manifest;

export function checkNode(version: string): Check {
  const wanted = manifest().engines.node.replace(/^>=/, '');
  const detail = `Node.js ${version}`;
  return isAtLeast(version, wanted)
    ? passed('node', detail)
    : failed('node', detail, `Install Node.js ${wanted} or later.`);
}

function isAtLeast(version: string, wanted: string): boolean {
  const a = version.split('.').map(Number);
  const b = wanted.split('.').map(Number);
  const at = b.findIndex((part, index) => part !== a[index]);
  return at === -1 || (a[at] ?? 0) > (b[at] ?? 0);
}

/** Temporal's packages work together only in one version. */
function checkPackages(): Check {
  const names = ['client', 'worker', 'workflow', 'activity', 'common'];
  const require = createRequire(import.meta.url);
  const versions = new Map(names.map((name) => [name, versionOf(require, `@temporalio/${name}`)]));
  const different = new Set(versions.values());
  const own = `temporal-gemini-files ${manifest().version}`;
  if (different.size === 1) return passed('packages', `${own}, @temporalio/* ${[...different].join()}`);
  const list = [...versions].map(([name, version]) => `${name} ${version}`).join(', ');
  return failed(
    'packages',
    `${own}, @temporalio: ${list}`,
    'Install all @temporalio packages in one version.',
  );
}

function versionOf(require: NodeJS.Require, name: string): string {
  try {
    return (require(`${name}/package.json`) as { version: string }).version;
  } catch {
    return 'not installed';
  }
}

async function checkSdk(): Promise<Check> {
  try {
    await import('@google/genai');
    return passed('gemini sdk', '@google/genai is installed');
  } catch (error) {
    return failed(
      'gemini sdk',
      `@google/genai can't be loaded: ${messageOf(error)}`,
      'npm install @google/genai',
    );
  }
}
