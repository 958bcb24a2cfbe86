/** What the documentation names in code marks exists: commands and their flags, files, variables, identifiers, exit codes, defaults. */

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { EXIT } from '../../src/cli/exit.js';
import { createProgram } from '../../src/cli/program.js';
import { configuredTemporal, describeTarget } from '../../src/cli/temporal-target.js';
import { DEFAULT_CONCURRENCY } from '../../src/cli/upload/concurrency.js';
import { BOUNDS, UPLOAD_FIELDS } from '../../src/contract/options.js';
import { SWEEP_BOUNDS } from '../../src/contract/sweep.js';
import { HOLD_FIELDS } from '../../src/contract/hold.js';
import { codeBlocks, PAGES, readPage, section, tableRows } from './pages.js';

const root = fileURLToPath(new URL('../../', import.meta.url));
const src = readdirSync(`${root}src`, { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.ts'))
  .map((path) => readFileSync(`${root}src/${path}`, 'utf8'))
  .join('\n');
const words = new Set(src.match(/\w+/g));

/** The texts in code marks, without those of code blocks. */
const inline = (page: string) =>
  [
    ...readPage(page)
      .replaceAll(/^```.*?^```/gms, '')
      .matchAll(/`([^`\n]+)`/g),
  ].map(([, text = '']) => text);
const named = (page: string, pattern: RegExp) => inline(page).flatMap((text) => text.match(pattern) ?? []);

const { commands } = createProgram([], {}, () => () => Promise.resolve());
const flagsOf = new Map(
  commands.map((command) => [
    command.name(),
    new Set([
      ...command.options.flatMap(({ long, short }) => [long, short]),
      '--help',
      '-h',
      '--version',
      '-v',
    ]),
  ]),
);
const allFlags = new Set([...flagsOf.values()].flatMap((flags) => [...flags]));

/** Flags of other programs, and of this repository's scripts. */
const FOREIGN_FLAGS = new Set([
  ...[
    '--env-file',
    '--experimental-vm-modules',
    '--legacy-peer-deps',
    '--deployment-name',
    '--use-system-ca',
    '--workflow-id',
    '--only',
    '--name',
    '--output',
    '--profile',
    '--detach',
    '--global',
    '--package',
    '--test',
    '--project',
  ],
  ...[
    '--docs',
    '--fast',
    '--history-limit',
    '--kills',
    '--mutate',
    '--recheck',
    '--seed',
    '--span',
    '--without',
    '--workflows',
  ],
]);

/** Identifiers of Temporal, TypeScript, npm, and of this repository's tests. */
const FOREIGN_IDENTIFIERS = new Set([
  ...[
    'deprecatePatch',
    'executeChild',
    'maxCachedWorkflows',
    'maxConcurrentActivityTaskExecutions',
    'maxSize',
    'setWorkflowOptions',
  ],
  ...['exactOptionalPropertyTypes', 'ignoreDynamic', 'verbatimModuleSyntax', 'noUncheckedIndexedAccess'],
  ...['erasableSyntaxOnly', 'nmHoistingLimits'],
  ...['isolatedModules', 'moduleResolution', 'skipLibCheck', 'serverExternalPackages', 'publishConfig'],
  ...['useDevServer', 'useSharedDevServer', 'createTimeSkipping', 'onTestFinished'],
]);

/** Variables of others, values of the provider and of Temporal, and variables of this repository's scripts. */
const FOREIGN_VARIABLES = new Set([
  ...['ACCESS_TOKEN_TYPE_UNSUPPORTED', 'API_KEY_SERVICE_BLOCKED', 'STATE_UNSPECIFIED', 'POLLUX_TIER'],
  ...['AUTO_UPGRADE', 'REQUEST_CANCEL', 'NUM_HISTORY_SHARDS', 'EAI_AGAIN'],
  ...[
    'GLIBC_TUNABLES',
    'MALLOC_ARENA_MAX',
    'MALLOC_TRIM_THRESHOLD_',
    'NODE_USE_ENV_PROXY',
    'NODE_USE_SYSTEM_CA',
    'OTEL_EXPORTER_OTLP_ENDPOINT',
    'GRAFANA_PASSWORD',
    'MEDIA_DIR',
  ],
  ...['FUZZ_SCALE', 'FUZZ_SEED', 'SHOW_FIGURES', 'UNIT_WITH_MOCKS', 'OWN_PROCESS'],
]);

/** `temporal-gemini-files COMMAND …`, in code marks and in shell blocks; also `COMMAND --flag …`, which the pages shorten it to. */
function commandLines(page: string): { command: string; flags: string[] }[] {
  const shell = codeBlocks(page)
    .filter(({ language }) => language === 'sh')
    .flatMap(({ text }) => text.replaceAll(/\\\n/g, ' ').split(/\n|&&|\|/));
  return [...shell, ...inline(page)].flatMap((line) => {
    const full = /temporal-gemini-files ([a-z]+)\b(.*)$/.exec(line);
    const short = /^([a-z]+)((?: [^-]\S*)* --.*)$/.exec(line);
    const [, command, rest = ''] = full ?? short ?? [];
    if (command === undefined || (!full && !flagsOf.has(command))) return [];
    return [{ command, flags: rest.replace(/ #.*$/, '').match(/(?<=\s)--?[a-z][\w-]*/g) ?? [] }];
  });
}

describe.each(PAGES)('%s', (page) => {
  it('names commands that exist, with flags that they have', () => {
    const wrong = commandLines(page).flatMap(({ command, flags }) => {
      const known = flagsOf.get(command);
      if (known === undefined) return [command];
      return flags.filter((flag) => !known.has(flag)).map((flag) => `${command} ${flag}`);
    });
    expect(wrong).toEqual([]);
  });

  it('names flags that some command has', () => {
    const flags = named(page, /(?<![\w-])--[a-z][\w-]+/g);
    expect(flags.filter((flag) => !allFlags.has(flag) && !FOREIGN_FLAGS.has(flag))).toEqual([]);
  });

  it('names files that exist', () => {
    const paths = named(
      page,
      /^(?:src|test|docs|examples|scripts|temporal|bench|schemas|samples|\.ci)\/[\w./-]*\w\/?$/g,
    );
    expect(paths.filter((path) => !existsSync(root + path))).toEqual([]);
  });

  it('names variables, identifiers and errors that the code has', () => {
    const variables = named(page, /\b[A-Z]{2,}(?:_[A-Z0-9]+)+\b/g).filter(
      (one) => !FOREIGN_VARIABLES.has(one),
    );
    const identifiers = named(page, /(?<![\w.@/-])[a-z]+[A-Z]\w+/g).filter(
      (one) => !FOREIGN_IDENTIFIERS.has(one),
    );
    const errors = named(page, /\b[A-Z]\w+(?:Error|Failure)\b/g);
    expect([...variables, ...identifiers, ...errors].filter((name) => !words.has(name))).toEqual([]);
  });
});

describe('docs/cli.md', () => {
  it('lists each exit code with its meaning', () => {
    const meanings = tableRows('docs/cli.md', 'Exit codes').map(([code, meaning]) => [Number(code), meaning]);
    const said = (text: string) => expect.stringMatching(new RegExp(`^${text}`)) as string;
    expect(meanings).toEqual([
      [EXIT.done, said('done')],
      [EXIT.failed, said('failed')],
      [EXIT.usage, said('bad usage')],
      [EXIT.inactive, said('the file was not ACTIVE in time')],
      [EXIT.cancelled, said('cancelled')],
      [EXIT.brokenPipe, said('the reader')],
    ]);
  });

  it('says what several files exit with', () => {
    const text = readPage('docs/cli.md').replaceAll(/\s+/g, ' ');
    expect(text).toContain(
      `The exit code is ${EXIT.done} if all are ACTIVE, ${EXIT.inactive} if the only failures are files that were not ACTIVE in time, and otherwise ${EXIT.failed}.`,
    );
    expect(text).toContain(`exits with ${EXIT.cancelled}.`);
  });

  it('says how many files are uploaded at a time', () => {
    const numbers = ['zero', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight'];
    expect(readPage('docs/cli.md')).toContain(`uploads ${numbers[DEFAULT_CONCURRENCY]} files at a time`);
  });

  it('shows the line that names the server as it is printed', () => {
    const target = configuredTemporal({ address: 'localhost:7233' });
    expect(inline('docs/cli.md')).toContain(target && describeTarget(target));
  });
});

it('docs/observability.md has each metric, and the log messages as the code has them', () => {
  const metrics = (text: string) => [...new Set(text.match(/\bgemini_files_[a-z_]+/g))].toSorted();
  expect(metrics(readPage('docs/observability.md'))).toEqual(metrics(src));
  const messages = section('docs/observability.md', 'Logs').match(/(?<=`)[A-Z][^`\n]{8,}(?=`)/g) ?? [];
  expect(messages.length).toBeGreaterThan(20);
  expect(messages.filter((message) => !src.includes(message))).toEqual([]);
});

it('each exported symbol has a description', () => {
  const reports = readdirSync(`${root}docs/api`).map((name) => readPage(`docs/api/${name}`));
  expect(reports.length).toBeGreaterThan(5);
  expect(reports.join('\n').match(/\(undocumented\)\nexport .*/g)).toBeNull();
  // Of the others, too: what begins with an empty line has none.
  expect(src.match(/\/\*\*\n *\*\n.*/g)).toBeNull();
});

it('each function, class and constant that an entry point exports is named on a page', () => {
  const reports = readdirSync(`${root}docs/api`).filter((name) => name.endsWith('.api.md'));
  const exported = reports.flatMap((report) =>
    [
      ...readPage(`docs/api/${report}`).matchAll(/^export (?:abstract )?(?:class|const|function) (\w+)/gm),
    ].map(([, name = '']) => name),
  );
  expect(new Set(exported).size).toBeGreaterThan(50);
  const pages = PAGES.map(readPage).join('\n');
  expect(exported.filter((name) => !new RegExp(`\\b${name}\\b`).test(pages))).toEqual([]);
});

it('docs/options.md has the bounds that the generated table lacks', () => {
  const said = new Map(
    tableRows('docs/options.md', 'Options').map(([what = '', bound = '']) => [what, bound]),
  );
  const { files, concurrency } = BOUNDS;
  const number = (value: number) => value.toLocaleString('en');
  expect(said.get('files of uploadAllAndWaitActive')).toBe(
    `${number(files)}, and 1 to ${concurrency} at a time (concurrency)`,
  );
  expect(said.get('query of a sweep')).toBe(`${number(SWEEP_BOUNDS.queryLength)} characters`);
  expect(said.get('olderThan of a sweep')).toBe(`${SWEEP_BOUNDS.maxOlderThan / 3_600_000} h`);
});

describe('defaults', () => {
  it('of the wait are in the README', () => {
    const { pollInterval, backoffCoefficient, maxPollInterval } = UPLOAD_FIELDS;
    const [first, last] = [pollInterval, maxPollInterval].map((field) => field.default.replace('s', ' s'));
    const said = `(${first} × ${backoffCoefficient.default} … ${last}`;
    const readme = readPage('README.md');
    expect(readme).toContain(`loop sleep ${said}, ± jitter)`);
    expect(readme.match(/defaults \([^)]*\)/g)).toEqual(Array(3).fill(`defaults ${said})`));
  });

  it('of a hold are in docs/holds.md', () => {
    const words: Record<string, string> = { '2h': 'two hours', '10m': 'ten minutes' };
    const text = readPage('docs/holds.md').replaceAll(/\s+/g, ' ');
    const { renewBefore, grace } = HOLD_FIELDS;
    expect(text).toContain(`\`renewBefore\` (${words[renewBefore.default]})`);
    expect(text).toContain(`after \`grace\` (${words[grace.default]})`);
  });
});

it('the README has the memory of waits as docs/performance.md measured it', () => {
  const growth = (...cells: string[]) =>
    tableRows('docs/performance.md', 'Memory of open waits').find((row) =>
      cells.every((cell, at) => row[at] === cell),
    )?.[8];
  const readme = readPage('README.md').replaceAll(/\s+/g, ' ');
  expect(readme).toContain(
    `(1,000 waits: ${growth("the SDK's own cache", 'as by default', '1000')} MB; with a cache of 100 workflows: ${growth('a cache of 100', 'as by default', '1000')} MB)`,
  );
});

// TypeDoc takes a default alone for a description.
it('no property has its default alone for a description', () => {
  expect(src.match(/\/\*\* @default.*/g) ?? []).toEqual([]);
});
