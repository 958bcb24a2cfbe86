/** What the README says in tables is what the code says. */

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parseDuration } from '../src/contract/duration.js';
import { DEFAULTS } from '../src/contract/options.js';
import { ERROR_KINDS, OPERATIONS } from '../src/contract/error-kind.js';
import { ERROR_CLASSES } from '../src/contract/errors.js';
import { TIERS } from '../src/worker/index.js';

const root = new URL('../', import.meta.url);
const readme = readFileSync(new URL('README.md', root), 'utf8');
const manifest = JSON.parse(readFileSync(new URL('package.json', root), 'utf8')) as {
  dependencies: Record<string, string>;
  scripts: Record<string, string>;
  exports: Record<string, unknown>;
};

/** The rows of the table below a heading: their cells, without code marks. */
function table(heading: string): string[][] {
  const section = readme.split(`\n## ${heading}\n`)[1]?.split('\n## ')[0] ?? '';
  return section
    .split('\n')
    .filter((line) => line.startsWith('|'))
    .slice(2)
    .map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.replaceAll('`', '').trim()),
    );
}

describe('README.md', () => {
  it('lists the defaults as they are', () => {
    const shown = new Map(table('Options').map(([name = '', value]) => [name, value]));
    for (const [name, value] of Object.entries(DEFAULTS)) expect(shown.get(name), name).toBe(String(value));
  });

  it('lists the tiers as they are', () => {
    const MIB = 1024 * 1024;
    const rows = Object.entries(TIERS).map(([tier, limits]) => [
      tier,
      `${limits.maxTaskQueueActivitiesPerSecond}`,
      `${limits.maxConcurrentUploads}`,
      `${limits.maxUploadBytesPerSecond / MIB} MiB`,
    ]);
    expect(table('Operating it')).toEqual(rows);
  });

  it('says how many open waits take all of a tier, at the cap of the wait', () => {
    const capSeconds = (parseDuration(DEFAULTS.maxPollInterval) ?? 0) / 1000;
    const said = /at the cap of (\d+) s.*?so ([^:]*?)\. Beyond/s.exec(readme);
    expect(Number(said?.[1])).toBe(capSeconds);
    const counts = [
      ...(said?.[2] ?? '').matchAll(/([\d,]+) (?:open waits take )?all of `(\w+)`|([\d,]+) of `(\w+)`/g),
    ];
    expect(counts.map(([, a, b, c, d]) => [b ?? d, Number((a ?? c)?.replaceAll(',', ''))])).toEqual(
      Object.entries(TIERS).map(([tier, { maxTaskQueueActivitiesPerSecond: rate }]) => [
        tier,
        rate * capSeconds,
      ]),
    );
  });

  it('gives Temporal Cloud’s two ways in the addresses that the profiles have', () => {
    const cloud = readme.split('### Temporal Cloud\n')[1]?.split('\n### ')[0] ?? '';
    const toml = readFileSync(new URL('temporal/temporal.toml', root), 'utf8');
    const addresses = [...toml.matchAll(/^address = "(.*)"$/gm)].flatMap(([, address = '']) =>
      address.startsWith('127.') ? [] : [address],
    );
    expect([...cloud.matchAll(/TEMPORAL_ADDRESS=(\S+)/g)].map(([, address]) => address)).toEqual(addresses);
  });

  it('lists each failure type, and no other', () => {
    expect(table('Failures').map(([type]) => type)).toEqual(Object.keys(ERROR_CLASSES));
  });

  it('names each kind of error and each operation, and no other', () => {
    const [, said = ''] = /^If the provider's answer,(.*?)^$/ms.exec(readme) ?? [];
    const named = [...said.matchAll(/`([a-z-]+)`/g)].map(([, name]) => name);
    expect(named).toEqual(['operation', ...OPERATIONS, 'kind', ...ERROR_KINDS]);
  });

  it('names each dependency, each entry point and only scripts that exist', () => {
    for (const name of Object.keys(manifest.dependencies)) expect(readme).toContain(`\`${name}\``);
    const entries = Object.keys(manifest.exports).filter((entry) => entry !== './package.json');
    const imports = table('Install').map(([name]) => name?.replace('temporal-gemini-files', '.'));
    expect(imports).toEqual(entries);
    for (const [, script = ''] of readme.matchAll(/npm run ([\w:-]+)/g))
      expect(manifest.scripts, script).toHaveProperty(script);
  });

  it('shows each picture', () => {
    const pictures = readdirSync(new URL('docs/images/', root));
    expect(pictures.length).toBeGreaterThan(0);
    for (const name of pictures) expect(readme).toContain(`](docs/images/${name})`);
  });

  it('links to files that exist', () => {
    const links = [...readme.matchAll(/\]\((?!https?:)([^)#]+)\)/g)].map(([, target]) => target ?? '');
    expect(links.length).toBeGreaterThan(0);
    for (const target of links) expect(existsSync(new URL(target, root)), target).toBe(true);
  });
});
