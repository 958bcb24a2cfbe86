/** What the documentation says in tables is what the code says. */

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { parseDuration } from '../../src/contract/duration.js';
import { ERROR_KINDS, OPERATIONS } from '../../src/contract/error-kind.js';
import { ERROR_CLASSES } from '../../src/contract/errors.js';
import { HOLD_FIELDS } from '../../src/contract/hold.js';
import { UPLOAD_FIELDS } from '../../src/contract/options.js';
import { WAIT_FIELDS } from '../../src/contract/wait-options.js';
import { TIERS } from '../../src/worker/index.js';
import { flagOfOption } from '../../src/cli/upload/flags.js';
import { createProgram } from '../../src/cli/program.js';
import { codeBlocks, PAGES, readPage, section, tableRows } from './pages.js';

const root = fileURLToPath(new URL('../../', import.meta.url));
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  dependencies: Record<string, string>;
  scripts: Record<string, string>;
  exports: Record<string, unknown>;
};

describe('README.md', () => {
  it('has at most 260 lines and 18 kB', () => {
    const readme = readPage('README.md');
    expect(readme.split('\n').length).toBeLessThanOrEqual(260);
    expect(Buffer.byteLength(readme)).toBeLessThanOrEqual(18_000);
  });

  it('answers in the order in which a newcomer asks', () => {
    const headings = [...readPage('README.md').matchAll(/^## (.*)$/gm)].map(([, heading]) => heading);
    expect(headings.slice(0, 6)).toEqual([
      'Quick start',
      'Upload, prompt, delete',
      'Three ways to use it',
      'What it promises',
      'What it costs',
      'Compared with',
    ]);
  });

  it('names as proof only tests that exist', () => {
    const proofs = tableRows('README.md', 'What it promises').map(([, proof = '']) => proof);
    const named = proofs.flatMap((proof) => proof.match(/test\/[\w./-]+|npm run \w+/g) ?? []);
    expect(proofs.length).toBeGreaterThan(5);
    expect(named.length).toBeGreaterThanOrEqual(proofs.length);
    for (const name of named)
      if (name.startsWith('test/')) expect(existsSync(join(root, name)), name).toBe(true);
      else expect(manifest.scripts).toHaveProperty(name.replace('npm run ', ''));
  });

  it('lists each entry point', () => {
    const entries = Object.keys(manifest.exports).filter((entry) => entry !== './package.json');
    const imports = tableRows('README.md', 'The package').map(([name]) =>
      name?.replace('temporal-gemini-files', '.'),
    );
    expect(imports).toEqual(entries);
  });
});

describe('the documentation', () => {
  // What a newcomer has to know before the first line of code.
  it.each([
    ['README.md', /^# .*\n\n> \*\*Status:\*\*.*not been run\s*>? against the live service/s],
    ['README.md', /not on npm yet/],
    ['README.md', /project with `"type": "module"`/],
    ['README.md', /## Upload, prompt, delete.*generateContent.*## /s],
    ['README.md', /## What it costs.*\| +Actions \| +Events \| +Requests/s],
    ['docs/getting-started.md', /require\.resolve\('\.\/workflows'\)/],
    ['docs/faq.md', /Is a file ever uploaded twice\?\*\* Not within one run/],
  ])('%s says %s', (page, said) => {
    expect(readPage(page)).toMatch(said);
  });

  it('lists the tiers as they are', () => {
    const MIB = 1024 * 1024;
    const rows = Object.entries(TIERS).map(([tier, limits]) => [
      tier,
      `${limits.maxTaskQueueActivitiesPerSecond}`,
      `${limits.maxConcurrentUploads}`,
      `${limits.maxUploadBytesPerSecond / MIB} MiB`,
    ]);
    expect(tableRows('docs/operating.md', 'Rate limits')).toEqual(rows);
  });

  it('says how many open waits take all of a tier, at the cap of the wait', () => {
    const capSeconds = (parseDuration(UPLOAD_FIELDS.maxPollInterval.default) ?? 0) / 1000;
    const said = /at the cap of (\d+) s.*?so ([^:]*?)\. Beyond/is.exec(
      section('docs/operating.md', 'Rate limits'),
    );
    expect(Number(said?.[1])).toBe(capSeconds);
    const counts = [
      ...(said?.[2] ?? '').matchAll(
        /([\d,]+) (?:open waits take )?all\s+of\s+`(\w+)`|([\d,]+) of\s+`(\w+)`/g,
      ),
    ];
    expect(counts.map(([, a, b, c, d]) => [b ?? d, Number((a ?? c)?.replaceAll(',', ''))])).toEqual(
      Object.entries(TIERS).map(([tier, { maxTaskQueueActivitiesPerSecond: rate }]) => [
        tier,
        rate * capSeconds,
      ]),
    );
  });

  it('gives Temporal Cloud’s two ways in the addresses that the profiles have', () => {
    const toml = readPage('temporal/temporal.toml');
    const addresses = [...toml.matchAll(/^address = "(.*)"$/gm)].flatMap(([, address = '']) =>
      address.startsWith('127.') ? [] : [address],
    );
    const cloud = section('docs/operating.md', 'Temporal Cloud');
    expect([...cloud.matchAll(/TEMPORAL_ADDRESS=(\S+)/g)].map(([, address]) => address)).toEqual(addresses);
  });

  it('lists each failure type, each kind of error and each operation, and no other', () => {
    expect(tableRows('docs/failures.md', 'Failure types').map(([type]) => type)).toEqual(
      Object.keys(ERROR_CLASSES),
    );
    expect(tableRows('docs/failures.md', "The provider's answer").map(([kind]) => kind)).toEqual([
      ...ERROR_KINDS,
    ]);
    const [, operations = ''] =
      /names the request that met it: ([^.]*)\./s.exec(readPage('docs/failures.md')) ?? [];
    expect([...operations.matchAll(/`(\w+)`/g)].map(([, name]) => name)).toEqual([...OPERATIONS]);
  });

  it('lists each command, and names only flags that a command has', () => {
    const { commands } = createProgram([], {}, () => () => Promise.resolve());
    const listed = tableRows('docs/cli.md', 'The command line').flatMap(
      ([cell]) => /^([a-z]+)/.exec(cell ?? '')?.[1] ?? [],
    );
    expect(listed.slice(0, commands.length).toSorted()).toEqual(
      commands.map((command) => command.name()).toSorted(),
    );
    const flags = new Set(commands.flatMap(({ options }) => options.map(({ long }) => long)));
    const page = readPage('docs/cli.md').replaceAll(/node --env-file/g, '');
    for (const [, flag] of page.matchAll(/`[^`]*?(--(?!help)[a-z][a-z-]+)/g)) expect(flags).toContain(flag);
  });

  const { commands } = createProgram([], {}, () => () => Promise.resolve());
  it.each(commands.map((command) => [command.name(), command] as const))(
    'explains each flag of %s that is not an option of an upload, a wait or a hold',
    (_name, { options }) => {
      const text = PAGES.filter((page) => page.startsWith('docs/'))
        .map(readPage)
        .join('\n');
      const fields = Object.keys({ ...UPLOAD_FIELDS, ...WAIT_FIELDS, ...HOLD_FIELDS });
      const optionFlags = new Set(fields.map(flagOfOption));
      const flags = options.filter(({ hidden, long }) => !hidden && !optionFlags.has(long ?? ''));
      const unexplained = flags.filter(({ long }) => !new RegExp(`\`[^\`\\n]*${long}\\b`).test(text));
      expect(unexplained.map(({ long }) => long)).toEqual([]);
    },
  );

  it('has no code block that the tests do not see', () => {
    const unseen = PAGES.filter((page) => {
      const fences = readPage(page).match(/^\s*(```|~~~)/gm) ?? [];
      return fences.length !== 2 * codeBlocks(page).length;
    });
    expect(unseen).toEqual([]);
  });

  it('has one install line, which test/docs/first-hour.test.ts tries', () => {
    const blocks = PAGES.flatMap(codeBlocks);
    const lines = blocks.flatMap(({ text }) => text.match(/^npm install temporal-gemini-files .*$/gm) ?? []);
    expect(lines).toHaveLength(4);
    expect(new Set(lines)).toHaveProperty('size', 1);
  });

  it('prepares a project in README.md as in docs/getting-started.md, which test/docs/first-hour.test.ts tries', () => {
    const linesOf = (page: string, contains: string) =>
      codeBlocks(page)
        .find(({ text }) => text.includes(contains))
        ?.text.trim()
        .split('\n');
    const lines = linesOf('README.md', 'npm pkg set');
    expect(lines).toHaveLength(2);
    expect(linesOf('docs/getting-started.md', 'npm init')).toEqual(expect.arrayContaining(lines ?? []));
  });

  it('names each dependency', () => {
    const text = section('CONTRIBUTING.md', 'Dependencies');
    for (const name of Object.keys(manifest.dependencies)) expect(text).toContain(`\`${name}\``);
  });

  it('lists each page in the index', () => {
    const linked = [...readPage('docs/README.md').matchAll(/\]\(([\w-]+\.md)\)/g)].map(
      ([, name]) => `docs/${name}`,
    );
    const pages = PAGES.filter((page) => page.startsWith('docs/') && page !== 'docs/README.md');
    expect(linked.toSorted()).toEqual(pages.toSorted());
  });

  it('shows each picture, with a text in its place', () => {
    const shown = PAGES.map(readPage).join('\n');
    const pictures = readdirSync(join(root, 'docs/images'));
    expect(pictures.length).toBeGreaterThan(0);
    for (const name of pictures)
      expect(shown).toMatch(new RegExp(`!\\[[^\\]]{40,}\\]\\((docs/)?images/${name}\\)`));
  });

  it.each(PAGES)('%s links to files and headings that exist, and names scripts that exist', (page) => {
    const text = readPage(page);
    for (const [, target = ''] of text.matchAll(/\]\((?!https?:|mailto:)([^)]+)\)/g)) {
      const [path = '', anchor] = target.split('#');
      const file = path === '' ? page : join(dirname(page), path);
      expect(existsSync(join(root, file)), `${page}: ${target}`).toBe(true);
      if (anchor !== undefined && file.endsWith('.md'))
        expect(anchors(file), `${page}: ${target}`).toContain(anchor);
    }
    for (const [, script = ''] of text.matchAll(/npm run ([\w:-]+)/g))
      expect(manifest.scripts, `${page}: npm run ${script}`).toHaveProperty(script);
  });
});

/** The anchors that GitHub gives to the headings of a page. */
function anchors(page: string): string[] {
  return [...readPage(page).matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );
}
