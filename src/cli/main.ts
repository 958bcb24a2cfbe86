#!/usr/bin/env node
import { nodeProblem } from './node-version.js';

const problem = nodeProblem();
if (problem === undefined) {
  // Loaded after the check: some modules do not load on an older Node.js.
  const { runCli } = await import('./program.js');
  const { exitSoon } = await import('./terminal/exit-soon.js');
  exitSoon(await runCli(process.argv.slice(2)));
} else {
  process.stderr.write(`${problem}\n`);
  process.exitCode = 1;
}
