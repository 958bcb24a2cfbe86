/**
 * `node sdk-download-main.js DIRECTORY` lets the Temporal SDK download its dev server into DIRECTORY. This is a process of its own,
 * because a process can install the SDK's runtime only once, and a download cannot be cancelled.
 */
import { exitSoon } from '../terminal/exit-soon.js';

const [directory] = process.argv.slice(2);
if (directory === undefined) throw new Error('usage: sdk-download-main DIRECTORY');
let code = 0;
try {
  const { TestWorkflowEnvironment } = await import('@temporalio/testing');
  const environment = await TestWorkflowEnvironment.createLocal({
    server: { executable: { type: 'cached-download', downloadDir: directory } },
  });
  await environment.teardown();
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  code = 1;
}
exitSoon(code);
