/** A package manager that installs no peer dependencies, and a user who did not name them. */

import { expect, it } from 'vitest';
import { missingPackageProblem } from '../../src/cli/missing-package.js';

it.each([
  [
    '@temporalio/client',
    "Cannot find package '@temporalio/client' imported from /app/node_modules/temporal-gemini-files/dist/client/index.js",
  ],
  [
    '@temporalio/client',
    "temporal-gemini-files tried to access @temporalio/client (a peer dependency) but it isn't provided by your application",
  ],
])('names %s and the line that installs all', (name, message) => {
  const problem = missingPackageProblem(new Error(message));
  expect(problem).toContain(`needs the package ${name}, which is not installed`);
  expect(problem).toMatch(
    /npm install temporal-gemini-files @google\/genai @temporalio\/client @temporalio\/worker @temporalio\/workflow$/,
  );
});

it('leaves other errors as they are', () => {
  expect(missingPackageProblem(new Error("Cannot find module './x.js'"))).toBeUndefined();
  expect(missingPackageProblem('no error')).toBeUndefined();
});
