// npm run release:check [-- --only NAME]…: all that CI does not run, one after the other, and a table of the outcomes. A failure does not
// stop the rest; the command exits 1 if anything failed.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

/** What is run, by its name in the table. */
const CHECKS = {
  slow: ['npm', 'run', 'test:release'],
  consumer: ['npm', 'run', 'test:consumer'],
  image: ['npm', 'run', 'test:image'],
  topology: ['npm', 'run', 'topology'],
  chaos: ['npm', 'run', 'chaos', '--', '--workflows', '500', '--kills', '80', '--seed', '7'],
  bench: ['npm', 'run', 'bench'],
  audit: ['npm', 'run', 'check:audit'],
};

const { values } = parseArgs({ options: { only: { type: 'string', multiple: true } } });
const names = values.only ?? Object.keys(CHECKS);
const unknown = names.filter((name) => !Object.hasOwn(CHECKS, name));
if (unknown.length > 0) {
  process.stderr.write(`No check ${unknown.join(', ')}; there are ${Object.keys(CHECKS).join(', ')}\n`);
  process.exit(2);
}

const cwd = fileURLToPath(new URL('..', import.meta.url));
const rows = [];
for (const name of names) {
  const [command, ...args] = CHECKS[name];
  process.stderr.write(`\n== ${name}: ${command} ${args.join(' ')}\n`);
  const begin = Date.now();
  // The output of a check goes to stderr. Only the table goes to stdout.
  const child = spawn(command, args, { cwd, stdio: ['ignore', 2, 2] });
  const [code, signal] = await once(child, 'close');
  rows.push({
    name,
    outcome: code === 0 ? 'ok' : `FAILED (${signal ?? code})`,
    seconds: Math.round((Date.now() - begin) / 1000),
  });
}
const width = Math.max(...names.map((name) => name.length));
for (const { name, outcome, seconds } of rows)
  process.stdout.write(`${name.padEnd(width)}  ${outcome.padEnd(12)}  ${seconds} s\n`);
process.exitCode = rows.every(({ outcome }) => outcome === 'ok') ? 0 : 1;
