/** Which versions of Temporal's packages are installed. They work together only if there is one version of all. */

import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export interface Manifest {
  readonly name?: string;
  readonly version?: string;
  readonly engines?: { readonly node?: string };
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

interface Installed {
  readonly folder: string;
  readonly manifest: Manifest;
}

/** Versions by package name: those of Temporal's SDK that this package and the user's project reach. */
export type TemporalVersions = ReadonlyMap<string, ReadonlySet<string>>;

/** All in Temporal's scope that the SDK publishes in one version; others there have versions of their own. */
const SDK =
  /^@temporalio\/(activity|client|common|core-bridge|envconfig|interceptors-opentelemetry|nexus|plugin|proto|testing|worker|workflow)$/;

const OWN_FOLDER = fileURLToPath(new URL('../..', import.meta.url));

/**
 * Follows the dependencies of the packages in `folders`, each from its own place: a package manager may have installed one version
 * beside a package and another one further up.
 *
 * @param folders - each with a package.json; one without is left out
 */
export function findTemporalVersions(
  folders: readonly string[] = [OWN_FOLDER, process.cwd()],
): TemporalVersions {
  const versions = new Map<string, Set<string>>();
  const seen = new Set<string>();
  const open = folders.flatMap((folder) => installedIn(folder) ?? []);
  for (let next = open.pop(); next; next = open.pop()) {
    const { folder, manifest } = next;
    if (seen.has(folder)) continue;
    seen.add(folder);
    const { name = '', version, dependencies, peerDependencies, optionalDependencies } = manifest;
    if (SDK.test(name) && version !== undefined)
      versions.set(name, (versions.get(name) ?? new Set()).add(version));
    for (const dependency of Object.keys({ ...dependencies, ...peerDependencies, ...optionalDependencies })) {
      const found = dependency.startsWith('@temporalio/') && findPackage(dependency, folder);
      if (found) open.push(found);
    }
  }
  return versions;
}

/** What is wrong with the versions, in words; undefined if there is one version of all. */
export function versionsProblem(versions: TemporalVersions): string | undefined {
  const all = new Set([...versions.values()].flatMap((each) => [...each]));
  if (all.size <= 1) return undefined;
  const list = [...versions].sort(([a], [b]) => a.localeCompare(b));
  return list.map(([name, each]) => `${name} ${[...each].sort().join(' and ')}`).join(', ');
}

/**
 * The package as code in `folder` gets it. Also if the package does not export its manifest, and under Yarn's Plug'n'Play, which
 * has no folder `node_modules`.
 */
export function findPackage(name: string, folder = OWN_FOLDER): Installed | undefined {
  const require = createRequire(join(folder, 'package.json'));
  const inFolders = (require.resolve.paths(name) ?? []).map((path) => join(path, name));
  return inFolders.map(installedIn).find((found) => found !== undefined) ?? resolved(require, name);
}

function resolved(require: NodeJS.Require, name: string): Installed | undefined {
  let file: string;
  try {
    file = require.resolve(name);
  } catch {
    return undefined;
  }
  for (let folder = dirname(file); folder !== dirname(folder); folder = dirname(folder)) {
    const found = installedIn(folder);
    if (found?.manifest.name === name) return found;
  }
  return undefined;
}

function installedIn(folder: string): Installed | undefined {
  const file = join(folder, 'package.json');
  if (!existsSync(file)) return undefined;
  // What a link leads to: there the package finds its own dependencies.
  return { folder: realpathSync(folder), manifest: JSON.parse(readFileSync(file, 'utf8')) as Manifest };
}
