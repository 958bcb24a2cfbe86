/** This package's own manifest, and the version of Node.js that it wants. Loads nothing that needs a newer one. */

import { readFileSync } from 'node:fs';

interface OwnManifest {
  readonly version: string;
  readonly engines: { readonly node: string };
  readonly peerDependencies: Readonly<Record<string, string>>;
}

export function ownManifest(): OwnManifest {
  return JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as OwnManifest;
}

/** The oldest Node.js that the package runs on. */
export const wantedNode = () => ownManifest().engines.node.replace(/^>=/, '');

/** What is wrong with this version of Node.js; undefined if the package runs on it. */
export function nodeProblem(version: string = process.versions.node): string | undefined {
  const wanted = wantedNode();
  if (isAtLeast(version, wanted)) return undefined;
  return `temporal-gemini-files needs Node.js ${wanted} or later; this is Node.js ${version}.`;
}

export function isAtLeast(version: string, wanted: string): boolean {
  const a = versionNumbers(version);
  const b = versionNumbers(wanted);
  const at = b.findIndex((part, index) => part !== a[index]);
  return at === -1 || (a[at] ?? 0) > (b[at] ?? 0);
}

export const versionNumbers = (version: string) =>
  version
    .replace(/[-+].*$/, '')
    .split('.')
    .map(Number);
