/** What a topology needs beside npm's packages. Without it, the checks that need one cannot be made on this machine. */
import { exitNotChecked } from '../../scripts/release/not-checked.js';
import { postgresBin } from './postgres.js';
import { run } from './processes.js';

/** Ends this process if PostgreSQL or Go is missing. */
export async function exitIfToolsAreMissing() {
  await run('go', ['version']).catch(() =>
    exitNotChecked('Go is not installed, and the Temporal server is built with it'),
  );
  await postgresBin().catch((error) => exitNotChecked(error.message));
}
