/** `upload --detach` on the embedded server: the run continues in a process of its own, which uses the server too. */

import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { WorkflowNotFoundError } from '@temporalio/client';
import { EXIT } from '../exit-code.js';
import { InterruptedError, type Interrupt } from '../terminal/interrupt.js';
import { table, type Output } from '../terminal/output.js';
import type { RunId } from './run-id.js';
import type { Session } from '../command-context.js';
import { webUrl } from '../temporal-connection.js';

const LOOK_MS = 100;

/** @param args - the command line of this process */
export async function runDetached(
  session: Session,
  { workflowId }: RunId,
  args: readonly string[],
  output: Output,
  interrupt: Interrupt,
): Promise<number> {
  const started = Date.now();
  const log = join(session.devServer?.stateDir ?? '.', `${workflowId}.log`);
  const child = spawnDetached(args, log);
  const ended = new AbortController();
  const failed = once(child, 'exit').then(([code]) => {
    if (code !== 0) throw new Error(`The detached upload ended with code ${String(code)}; ${log} says why`);
    ended.abort();
    return new Promise<never>(() => undefined);
  });
  try {
    const found = findRun(session, workflowId, started, ended.signal);
    const runId = await interrupt.orBefore(Promise.race([found, failed]));
    const url = webUrl(session.target, workflowId, runId, session.uiUrl) ?? null;
    output.result(
      { workflowId, runId, webUrl: url, log },
      table([
        ['id', workflowId],
        ['run', url],
        ['log', log],
      ]),
    );
    return EXIT.done;
  } catch (error) {
    if (error instanceof InterruptedError) child.kill('SIGINT');
    throw error;
  } finally {
    child.unref();
  }
}

function spawnDetached(args: readonly string[], log: string): ChildProcess {
  const file = openSync(log, 'a', 0o600);
  const main = fileURLToPath(new URL('../main.js', import.meta.url));
  const rest = args.filter((arg) => arg !== '--detach');
  const child = spawn(process.execPath, [main, ...rest], { detached: true, stdio: ['ignore', file, file] });
  closeSync(file);
  return child;
}

/** Waits until the run is open, or was begun after `since`, or the one that it attached to has ended with it. */
async function findRun(
  session: Session,
  workflowId: string,
  since: number,
  ended: AbortSignal,
): Promise<string> {
  const handle = session.client.workflow.getHandle(workflowId);
  for (;;) {
    const last = ended.aborted;
    try {
      const { status, runId, startTime } = await handle.describe();
      // The server's clock and this one are the same machine's.
      if (last || status.name === 'RUNNING' || startTime.getTime() >= since) return runId;
    } catch (error) {
      if (!(error instanceof WorkflowNotFoundError)) throw error;
    }
    await delay(LOOK_MS);
  }
}
