// npm run test:consumer [-- [--fast] [--docs] [CASE…]]: the package as its users get it. Packs it, installs the tarball outside of
// this repository in the ways that people install it, and tries what they try first. Prints a table; exits 1 if a case fails.
// --fast: the cases that share one installation, which CI runs. --docs: also writes the table into docs/installation.md.
// CASE: only the cases whose names contain one of these. Needs npm's registry.
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { writeDocs } from '../../bench/lib/docs.js';
import { bundlers } from './cases/bundlers.js';
import { machines } from './cases/machines.js';
import { packageManagers } from './cases/package-managers.js';
import { runtimes } from './cases/runtimes.js';
import { serverless } from './cases/serverless.js';
import { testRunners } from './cases/test-runners.js';
import { tools } from './cases/tools.js';
import { traces } from './cases/traces.js';
import { types } from './cases/types.js';
import { locked, OPTIONAL, Project, README_LINE } from './project.js';
import { pack } from './tarball.js';

const CASES = [
  ...[packageManagers, runtimes, types, bundlers, testRunners, tools],
  ...[machines, serverless, traces],
].flat();

const { values: flags, positionals: wanted } = parseArgs({
  options: { fast: { type: 'boolean', default: false }, docs: { type: 'boolean', default: false } },
  allowPositionals: true,
});
if (flags.docs && (flags.fast || wanted.length > 0)) throw new Error('--docs writes the table of all cases');
const chosen = CASES.filter(
  ({ name, fast }) =>
    (!flags.fast || fast) &&
    (wanted.length === 0 || wanted.some((part) => name.toLowerCase().includes(part.toLowerCase()))),
);
if (chosen.length === 0)
  throw new Error(
    `No case is called ${wanted.join(', ')}. There are: ${CASES.map(({ name }) => name).join('; ')}`,
  );

let installed;
const say = (line) => process.stdout.write(`${line}\n`);
const parent = await mkdtemp(join(tmpdir(), 'gemini-files-consumer-'));
// A case runs as another user.
await chmod(parent, 0o755);
try {
  const { tarball, summary } = await pack(parent);
  say(summary);
  const rows = [];
  for (const [index, one] of chosen.entries()) {
    const folder = join(parent, `case-${index}`);
    const row = await runCase(one, { tarball, folder });
    rows.push(row);
    if (!one.shared) await rm(folder, { recursive: true, force: true });
  }
  const failed = rows.filter(({ works }) => !works).length;
  say(`${rows.length - failed} passed, ${failed} failed`);
  if (failed > 0) process.exitCode = 1;
  else if (flags.docs) await writeDocs('docs/installation.md', { cases: markdownOf(rows) }, 'consumer');
} finally {
  await rm(parent, { recursive: true, force: true });
}

async function runCase({ name, run }, { tarball, folder }) {
  const started = performance.now();
  const outcome = await attempt(async () =>
    run({
      tarball,
      temporalCli: findCli,
      shared: () => sharedProject(tarball),
      newProject: (fields) => Project.create(folder, fields),
      project: await Project.create(folder),
    }),
  );
  const seconds = `${((performance.now() - started) / 1000).toFixed(0)} s`;
  say(`${name.padEnd(52)} ${outcome.works ? 'works' : 'FAILS'} ${seconds.padStart(6)}  ${outcome.detail}`);
  return { name, ...outcome };
}

async function attempt(work) {
  try {
    return { works: true, detail: (await work()) ?? '' };
  } catch (error) {
    return { works: false, detail: error.message };
  }
}

/** One project with all that the fast cases need: installing takes most of the time. */
function sharedProject(tarball) {
  installed ??= (async () => {
    const project = await Project.create(join(parent, 'shared'));
    // First the line of the documentation alone, so that nothing else brings what it lacks.
    await project.npmInstall(tarball, ...README_LINE);
    await project.cli(['--version']);
    await project.npmInstall(...OPTIONAL, ...['typescript', 'esbuild', '@types/node'].map(locked));
    return project;
  })();
  return installed;
}

async function findCli() {
  const { findTemporalCli } = await import('../../dist/cli/temporal-cli/index.js');
  return (await findTemporalCli()).path;
}

function markdownOf(rows) {
  const lines = rows.map(({ name, detail }) => `| ${name} | works | ${detail} |`);
  return ['| Tried | Result | Detail |', '| --- | --- | --- |', ...lines].join('\n');
}
