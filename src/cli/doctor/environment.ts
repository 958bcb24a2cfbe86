/** Checks Node.js, this package, and its peer dependencies. */

import { errorMessage } from '../../util/error-message.js';
import { explainNativeModule } from '../../util/native-module.js';
import { isAtLeast, ownManifest, versionNumbers, wantedNode } from '../node-version.js';
import { findPackage, findTemporalVersions, versionsProblem, type Manifest } from '../temporal-packages.js';
import { failed, passed, type Check } from './check.js';

export async function checkEnvironment(): Promise<Check[]> {
  return [checkNode(process.versions.node), checkPackages(), await checkNativeModule(), await checkSdk()];
}

export function checkNode(version: string): Check {
  const wanted = wantedNode();
  const detail = `Node.js ${version}`;
  return isAtLeast(version, wanted)
    ? passed('node', detail)
    : failed('node', detail, `Install Node.js ${wanted} or later.`);
}

/** Whether the version satisfies a range in the form of this package's peer dependencies: `^2.32.0 || ^3.0.0`, with majors above 0. */
export function isWithin(version: string, range: string): boolean {
  return range.split('||').some((part) => {
    const from = part.trim().replace(/^\^/, '');
    return versionNumbers(version)[0] === versionNumbers(from)[0] && isAtLeast(version, from);
  });
}

/** Temporal's packages work together only if all have the same version. */
function checkPackages(): Check {
  const { version: own, peerDependencies } = ownManifest();
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
  const range = ownManifest().peerDependencies['@google/genai'] ?? '';
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
