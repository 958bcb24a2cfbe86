/**
 * Run as a process of its own: `node sdk-download-main.js DIRECTORY`. Lets the Temporal SDK download its dev server into DIRECTORY.
 * The SDK's runtime can be installed only once in a process and its download cannot be ended, so it must not happen in the user's.
 */
const [directory] = process.argv.slice(2);
if (directory === undefined) throw new Error('usage: sdk-download-main DIRECTORY');
try {
  const { TestWorkflowEnvironment } = await import('@temporalio/testing');
  const environment = await TestWorkflowEnvironment.createLocal({
    server: { executable: { type: 'cached-download', downloadDir: directory } },
  });
  await environment.teardown();
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
}
process.exit(0);
