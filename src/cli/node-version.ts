import { readFileSync } from 'node:fs';

/** What is wrong with this version of Node.js; undefined if the package runs on it. Loads nothing that needs a newer one. */
export function nodeProblem(version: string = process.versions.node): string | undefined {
  const manifest = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  const wanted = (JSON.parse(manifest) as { engines: { node: string } }).engines.node.replace('>=', '');
  if (isBefore(version, wanted))
    return `temporal-gemini-files needs Node.js ${wanted} or later; this is Node.js ${version}.`;
  return undefined;
}

function isBefore(version: string, wanted: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [wantedMajor = 0, wantedMinor = 0] = wanted.split('.').map(Number);
  return major < wantedMajor || (major === wantedMajor && minor < wantedMinor);
}
