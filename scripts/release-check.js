// npm run release:check [NAME…]: all that CI does not run, or those that are named, one after the other, and a table of the outcomes. A
// failure does not stop the rest. Exits 1 unless each check is ok: one that could not be made on this machine is not.
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { chooseChecks, passed, runChecks, tableOf } from './release/run-checks.js';

/** What is run, by its name in the table. */
const CHECKS = {
  slow: ['npm', 'run', 'test:release'],
  consumer: ['npm', 'run', 'test:consumer'],
  image: ['npm', 'run', 'test:image'],
  topology: ['npm', 'run', 'topology'],
  waits: ['npm', 'run', 'topology:waits'],
  chaos: ['npm', 'run', 'chaos', '--', '--workflows', '500', '--kills', '80', '--seed', '7'],
  bench: ['npm', 'run', 'bench'],
  audit: ['npm', 'run', 'check:audit'],
};

let checks;
try {
  const { values, positionals } = parseArgs({
    options: { only: { type: 'string', multiple: true, default: [] } },
    allowPositionals: true,
  });
  checks = chooseChecks(CHECKS, [...values.only, ...positionals]);
} catch (error) {
  process.stderr.write(`${error.message}\n`);
  process.exit(2);
}

const interrupted = new AbortController();
const killed = new AbortController();
// A second signal ends the check at once. npm repeats what the terminal has sent: two signals within this time count as one.
const SAME_MS = 1000;
let at = 0;
const stop = () => {
  if (!interrupted.signal.aborted) {
    at = performance.now();
    interrupted.abort();
  } else if (performance.now() - at > SAME_MS) killed.abort();
};
for (const name of ['SIGHUP', 'SIGINT', 'SIGTERM']) process.on(name, stop);
const cwd = fileURLToPath(new URL('..', import.meta.url));
const rows = await runChecks(checks, { cwd, signal: interrupted.signal, kill: killed.signal });
process.stdout.write(tableOf(rows));
process.exitCode = passed(rows) ? 0 : 1;
