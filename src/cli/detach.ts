/** `upload --detach` on the embedded server: the run goes on in a process of its own, which keeps the server up. */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { openSync, closeSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { WorkflowNotFoundError } from '@temporalio/client';
import { EXIT } from './exit-code.js';
import { table, type Output } from './output.js';
import type { RunId } from './run-id.js';
import type { Session } from './session.js';
import { webUrl } from './temporal-connection.js';

const LOOK_MS = 100;

export async function runDetached(
  session: Session,
  { workflowId }: RunId,
  args: readonly string[],
  output: Output,
): Promise<number> {
  const started = Date.now();
  const log = join(session.embedded?.stateDir ?? '.', `${workflowId}.log`);
  const file = openSync(log, 'a', 0o600);
  const main = fileURLToPath(new URL('./main.js', import.meta.url));
  const rest = args.filter((arg) => arg !== '--detach');
  const child = spawn(process.execPath, [main, ...rest], { detached: true, stdio: ['ignore', file, file] });
  closeSync(file);
  const failed = once(child, 'exit').then(([code]) => {
    if (code !== 0) throw new Error(`The detached upload ended with code ${String(code)}; ${log} says why`);
  });
  failed.catch(() => undefined);
  const runId = await Promise.race([
    findRun(session, workflowId, started),
    failed.then(() => findRun(session, workflowId, 0)),
  ]);
  child.unref();
  const url = webUrl(session.target, workflowId, runId, session.uiUrl);
  output.result(
    { workflowId, runId, webUrl: url ?? null },
    table([
      ['id', workflowId],
      ['run', url],
      ['log', log],
    ]),
  );
  return EXIT.done;
}

/** Waits until the run is open, or was begun after `since`. */
async function findRun(session: Session, workflowId: string, since: number): Promise<string> {
  const handle = session.client.workflow.getHandle(workflowId);
  for (;;) {
    try {
      const { status, runId, startTime } = await handle.describe();
      // The server's clock and this one are the same machine's.
      if (status.name === 'RUNNING' || startTime.getTime() >= since) return runId;
    } catch (error) {
      if (!(error instanceof WorkflowNotFoundError)) throw error;
    }
    await new Promise((next) => setTimeout(next, LOOK_MS));
  }
}
