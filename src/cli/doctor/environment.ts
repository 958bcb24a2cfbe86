/** Checks Node.js, this package, and its peer dependencies. */

import { readFileSync } from 'node:fs';
import { errorMessage } from '../../util/error-message.js';
import { explainNativeModule } from '../../util/native-module.js';
import { findPackage, findTemporalVersions, versionsProblem, type Manifest } from '../temporal-packages.js';
import { failed, passed, type Check } from './check.js';

export async function checkEnvironment(): Promise<Check[]> {
  return [checkNode(process.versions.node), checkPackages(), await checkNativeModule(), await checkSdk()];
}

interface OwnManifest {
  readonly version: string;
  readonly engines: { readonly node: string };
  readonly peerDependencies: Readonly<Record<string, string>>;
}

const manifest = () =>
  JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8')) as OwnManifest;

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
  const { version: own, peerDependencies } = manifest();
  const range = peerDependencies['@temporalio/worker'] ?? '';
  const versions = findTemporalVersions();
  const problem = versionsProblem(versions);
  if (problem !== undefined)
    return failed(
      'packages',
      `temporal-gemini-files ${own}, several versions: ${problem}`,
      "Install all @temporalio packages in one version; `npm ls` with a package's name shows who needs which.",
    );
  const [version = 'not installed'] = versions.get('@temporalio/worker') ?? [];
  const detail = `temporal-gemini-files ${own}, @temporalio/* ${version}`;
  return isWithin(version, range)
    ? passed('packages', detail)
    : failed('packages', detail, `Install the @temporalio packages in ${range}.`);
}

/** Only commands that run a worker need it. */
async function checkNativeModule(): Promise<Check> {
  try {
    await import('@temporalio/worker');
    return passed('native module', `loads on ${process.platform}-${process.arch}`);
  } catch (error) {
    const { problem, remedy } = explainNativeModule(error);
    return failed('native module', problem, remedy);
  }
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
  return judgeSdk(findPackage('@google/genai')?.manifest, range, process.versions.node);
}

export function judgeSdk(
  { version, engines }: Pick<Manifest, 'version' | 'engines'> = {},
  range: string,
  node: string,
): Check {
  const detail = `@google/genai ${version ?? 'of unknown version'}`;
  if (version !== undefined && !isWithin(version, range))
    return failed('gemini sdk', `${detail}, not in ${range}`, `npm install '@google/genai@${range}'`);
  const wanted = engines?.node?.replace(/^>=/, '');
  return wanted === undefined || isAtLeast(node, wanted)
    ? passed('gemini sdk', detail)
    : passed(
        'gemini sdk',
        detail,
        `Its publisher wants Node.js ${wanted} or later for it, and this is ${node}: npm install @google/genai@2, or another Node.js.`,
      );
}
