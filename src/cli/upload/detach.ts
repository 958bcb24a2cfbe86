/** `upload --detach` on the embedded server: the run continues in a process of its own, which also uses the server. */

import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { WorkflowNotFoundError } from '@temporalio/client';
import type { CommandContext } from '../command-context.js';
import { EXIT } from '../exit.js';
import { table } from '../terminal/output.js';
import { shortIdOf } from './run-id.js';
import { toRunLink } from './run-link.js';

/** Time between two looks for the run, milliseconds. */
const LOOK_MS = 100;

/** @param args - the command line of this process, which begins with the command's name */
export async function runDetached(
  context: CommandContext,
  workflowId: string,
  args: readonly string[],
): Promise<number> {
  const { output, interrupt } = context;
  const started = Date.now();
  const log = join(context.devServer?.stateDir ?? '.', `upload-${shortIdOf(workflowId)}.log`);
  const child = spawnDetached(args, workflowId, log);
  const ended = new AbortController();
  const failed = once(child, 'exit').then(([code]) => {
    if (code !== 0) throw new Error(`The detached upload ended with code ${String(code)}; ${log} says why`);
    ended.abort();
    return new Promise<never>(() => undefined);
  });
  try {
    const found = findRun(context, workflowId, started, ended.signal);
    const runId = await interrupt.race(Promise.race([found, failed]));
    const link = toRunLink(context, { workflowId, runId });
    output.result(
      { ...link, log },
      table([
        ['id', workflowId],
        ['run', link.webUrl],
        ['log', log],
      ]),
    );
    return EXIT.done;
  } catch (error) {
    if (interrupt.cancelSignal.aborted) child.kill('SIGINT');
    throw error;
  } finally {
    child.unref();
  }
}

function spawnDetached(args: readonly string[], workflowId: string, log: string): ChildProcess {
  const file = openSync(log, 'a', 0o600);
  const main = fileURLToPath(new URL('../main.js', import.meta.url));
  // `--as` wins over what is in the user's own arguments, of which only commander can tell flags from values and files.
  const line = args.toSpliced(1, 0, '--as', workflowId);
  const child = spawn(process.execPath, [main, ...line], { detached: true, stdio: ['ignore', file, file] });
  closeSync(file);
  return child;
}

/** Waits until the run is open, or was started after `since`, or the process has ended with the run that it attached to. */
async function findRun(
  { client }: CommandContext,
  workflowId: string,
  since: number,
  ended: AbortSignal,
): Promise<string> {
  const handle = client.workflow.getHandle(workflowId);
  for (;;) {
    const last = ended.aborted;
    try {
      const { status, runId, startTime } = await handle.describe();
      // The server runs on this machine, so both clocks are the same.
      if (last || status.name === 'RUNNING' || startTime.getTime() >= since) return runId;
    } catch (error) {
      if (!(error instanceof WorkflowNotFoundError)) throw error;
    }
    await delay(LOOK_MS);
  }
}
