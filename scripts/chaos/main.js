// npm run chaos -- --workflows 500 --kills 80 --seed 7
// Breaks everything that can break, for real, and balances the books at the end, twice; exits 1 if they do not balance.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { findTemporalCli } from '../../dist/cli/temporal-cli/index.js';
import { installQuietRuntime } from '../quiet-runtime.js';
import { KINDS } from './disturbances.js';
import { play } from './play.js';
import { wholePlan } from './whole-plan.js';
import { createWorld } from './world.js';

const { values } = parseArgs({
  options: {
    workflows: { type: 'string', default: '100' },
    kills: { type: 'string', default: '20' },
    seed: { type: 'string', default: '7' },
    // Seconds until the same check is made again: an upload without a run may still create a file.
    recheck: { type: 'string', default: '120' },
    // Seconds over which all is spread; by default long enough that uploads outlast what is done to them.
    span: { type: 'string' },
    // Events after which the server suggests that a run continues as new: a low number makes holds do so often.
    'history-limit': { type: 'string' },
    // Kinds of disturbances to leave out, to find out which of them a fault needs.
    without: { type: 'string', default: '' },
    // Numbers of runs that are explained in any case; those of holds begin with h.
    explain: { type: 'string', default: '' },
    // What is done, as it is done, on stderr.
    journal: { type: 'boolean', default: false },
  },
});
const { without, explain, journal, ...numbers } = values;
const options = Object.fromEntries(Object.entries(numbers).map(([name, value]) => [name, Number(value)]));
const list = (text) => text.split(',').filter(Boolean);
const leftOut = list(without);
if (Object.values(options).some((value) => !Number.isSafeInteger(value) || value < 0))
  refuse('--workflows, --kills, --seed, --recheck, --span and --history-limit take whole numbers');
if (leftOut.some((kind) => !KINDS.includes(kind))) refuse(`--without takes some of ${KINDS.join(',')}`);

function refuse(message) {
  process.stderr.write(`${message}\n`);
  process.exit(2);
}

installQuietRuntime('WARN');

const { span, 'history-limit': historyLimit, ...rest } = options;
const plan = wholePlan({ ...rest, ...(span && { spanMs: span * 1000 }) }, leftOut);
const interrupted = new Promise((_, reject) => {
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => reject(new Error(signal)));
});
interrupted.catch(() => undefined);
const folder = await mkdtemp(join(tmpdir(), 'gemini-files-chaos-'));
let world;
try {
  const { path: cli } = await findTemporalCli({ onProgress: (line) => process.stderr.write(`${line}\n`) });
  world = await createWorld({ cli, folder, clocks: plan.clocks, historyLimit });
  const { report, lines } = await Promise.race([
    play({ world, folder, plan, options: { ...options, journal, explained: list(explain) } }),
    interrupted,
  ]);
  process.stdout.write(`${JSON.stringify(report)}\n`);
  for (const line of lines) process.stdout.write(`${line}\n`);
  process.exitCode = report.balanced ? 0 : 1;
} catch (error) {
  process.stderr.write(`${error.stack}\n`);
  process.exitCode = 1;
} finally {
  await world?.close();
  await rm(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
}
process.exit();
