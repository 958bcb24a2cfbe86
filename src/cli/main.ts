#!/usr/bin/env node
import { enableCompileCache } from './compile-cache.js';
import { missingPackageProblem } from './missing-package.js';
import { nodeProblem } from './node-version.js';

const problem = nodeProblem();
if (problem === undefined) {
  enableCompileCache();
  // Loaded after the check: some modules do not load on an older Node.js, or without a package that npm would have installed.
  const run = async () => (await import('./program.js')).runCli(process.argv.slice(2));
  const exitCode = await run().catch(sayMissingPackage);
  const { exitSoon } = await import('./terminal/exit-soon.js');
  exitSoon(exitCode);
} else {
  process.stderr.write(`${problem}\n`);
  process.exitCode = 1;
}

function sayMissingPackage(error: unknown): number {
  const missing = missingPackageProblem(error);
  if (missing === undefined) throw error;
  process.stderr.write(`${missing}\n`);
  return 1;
}
