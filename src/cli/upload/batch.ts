/** `upload` of several files: each has its own run, so many at a time. They share the server, the connection and the worker of the workflows. */

import { setMaxListeners } from 'node:events';
import type { UploadHandle } from '../../client/index.js';
import { resolveUploadOptions, type UploadOptions } from '../../contract/options.js';
import type { SourceFingerprint } from '../../contract/activities.js';
import { TASK_QUEUE } from '../../contract/names.js';
import { plainText } from '../terminal/text.js';
import { withCommandContext, type CommandContext } from '../command-context.js';
import type { UploadCommandFlags as Flags } from '../commands/upload.js';
import { EXIT, InterruptedError, UsageError } from '../exit.js';
import { cleanupLine, exitCodeOf, reportOf } from '../error-report.js';
import { createBoard, type Board } from '../terminal/board.js';
import type { ProgressView } from '../terminal/progress-view.js';
import { installInterruptHandler } from '../terminal/interrupt.js';
import { createOutput, type Output } from '../terminal/output.js';
import { colourFor } from '../terminal/colour.js';
import { columns } from '../terminal/columns.js';
import { toOrigin } from './argument.js';
import { exitCodeOfBatch, labelOf, nameOf, summaryLines, toJson, toTable } from './batch-report.js';
import type { BatchFile, Outcome } from './batch-report.js';
import { inLanes } from './concurrency.js';
import { examineFile, settingsToExamine } from './examine-file.js';
import { toUploadOptions } from './flags.js';
import { CANCELLING, cancelOnInterrupt, describeLink, followToEnd } from './follow.js';
import {
  preloadWorker,
  withWorker,
  withWorkerHost,
  withWorkflows,
  type WorkerHost,
} from './inline-worker.js';
import { planUpload } from './plan.js';
import { batchQueue, isUploadQueue, toRunId, type RunId } from './run-id.js';
import { fetchEndedLink, fetchNotedLink, fetchRunLink, type RunLink } from './run-link.js';
import { startOrAttach } from './start-or-attach.js';

interface Item extends BatchFile {
  readonly options: UploadOptions;
}

interface Examined extends Item {
  readonly fingerprint: SourceFingerprint;
}

interface Batch {
  readonly context: CommandContext;
  readonly flags: Flags;
  readonly board: Board;
  readonly ended: (outcome: Outcome) => void;
}

export async function uploadBatch(given: readonly string[], flags: Flags): Promise<number> {
  const items = await toItems(given, flags);
  const plan = await planUpload(flags);
  assertSuitable(flags, plan.temporal !== undefined);
  const output = createOutput(flags.json ?? false);
  using interrupt = installInterruptHandler();
  // Each file in progress listens.
  setMaxListeners(0, interrupt.signal, interrupt.cancelSignal);
  const began = Date.now();
  const outcomes: Outcome[] = [];
  const places = new Map(items.map(({ given }, at) => [given, at]));
  const order = (a: BatchFile, b: BatchFile) => (places.get(a.given) ?? 0) - (places.get(b.given) ?? 0);
  const ended = (outcome: Outcome) => {
    outcomes.push(outcome);
    output.result(toJson(outcome), []);
  };
  const settings = settingsToExamine(plan, flags);
  const examined: Examined[] = [];
  const examine = async (item: Item) => {
    try {
      examined.push({ ...item, fingerprint: await examineFile(item, settings, interrupt.signal) });
    } catch (error) {
      ended({ of: item, error: reportOf(error), exitCode: exitCodeOf(error) });
    }
  };
  await interrupt.race(inLanes(items, flags.concurrency, examine));
  if (outcomes.length === 0) {
    examined.sort(order);
    const code = await withCommandContext(
      plan,
      { output, interrupt },
      (context) =>
        flags.detach ? startAll(context, examined, flags) : followAll(context, examined, flags, ended),
      flags.detach ? undefined : () => void preloadWorker(),
    );
    if (code !== undefined) return code;
  } else output.say('Nothing was sent: not every file can be uploaded.');
  const sorted = outcomes.toSorted((a, b) => order(a.of, b.of));
  if (!output.json) output.result({}, toTable(sorted));
  for (const line of summaryLines(sorted, items.length, Date.now() - began)) output.say(line);
  return exitCodeOfBatch(sorted, items.length, interrupt.signal.aborted);
}

/** The files, each once: a file that is named twice has one run. */
async function toItems(given: readonly string[], flags: Flags): Promise<Item[]> {
  // A mistake in a flag concerns all files.
  resolveUploadOptions(toUploadOptions('file', flags));
  const items = new Map<string, Item>();
  for (const name of given) {
    const origin = await toOrigin(name);
    const key = origin.path ?? origin.source;
    if (!items.has(key)) items.set(key, { given: name, origin, options: toUploadOptions(origin, flags) });
  }
  return [...items.values()];
}

/** @throws UsageError for flags that make no sense for several files */
function assertSuitable({ displayName, as, detach }: Flags, hasServer: boolean): void {
  if (displayName !== undefined)
    throw new UsageError('--display-name is for one file: several files would have the same name');
  if (as !== undefined) throw new UsageError('--as is for one file');
  if (detach && !hasServer)
    throw new UsageError(
      '--detach of several files needs a Temporal server and workers of its own; none is configured (--address, TEMPORAL_ADDRESS, TEMPORAL_PROFILE)',
    );
}

const idOf = ({ origin, fingerprint }: Examined, { endpoint }: CommandContext): RunId =>
  toRunId(origin, fingerprint, endpoint);

/** The context of one file: its messages begin with its name. */
function contextOf(context: CommandContext, item: Item, say: (line: string) => void): CommandContext {
  const output: Output = { ...context.output, say: (line) => say(`${plainText(labelOf(item))}: ${line}`) };
  return { ...context, output };
}

/** `--detach`: leaves all to the workers of the configured server. */
async function startAll(context: CommandContext, items: readonly Examined[], flags: Flags): Promise<number> {
  const { output } = context;
  const rows: (string | null)[][] = [];
  for (const item of items) {
    const own = contextOf(context, item, (line) => output.say(line));
    const { handle } = await startOrAttach(own, idOf(item, context), item.options, TASK_QUEUE, flags);
    const link = await fetchNotedLink(context, handle.workflow);
    output.result({ ...nameOf(item), ...link }, []);
    rows.push([labelOf(item), link.workflowId, link.webUrl]);
  }
  if (!output.json) output.result({}, columns(['FILE', 'RUN', 'LINK'], rows, colourFor(process.stdout)));
  return EXIT.done;
}

async function followAll(
  context: CommandContext,
  items: readonly Examined[],
  flags: Flags,
  ended: (outcome: Outcome) => void,
): Promise<undefined> {
  const { signal, cancelSignal } = context.interrupt;
  const board = createBoard(
    context.output,
    items.map(labelOf),
    flags['cleanupOnTimeout'] === false ? 'kept' : 'deleted',
  );
  const announce = () => board.say(CANCELLING);
  cancelSignal.addEventListener('abort', announce, { once: true });
  const batch: Batch = { context, flags, board, ended };
  const all = (work: (item: Examined) => Promise<void>) => inLanes(items, flags.concurrency, work, signal);
  try {
    if (!flags.worker) await all((item) => followOne(batch, item, TASK_QUEUE));
    else
      await withWorkerHost(context, flags, (host) =>
        withWorkflows(host, batchQueue(), () => all((item) => workOnOne(batch, item, host))),
      );
  } finally {
    cancelSignal.removeEventListener('abort', announce);
    board.end();
  }
}

/** Its activities have a queue of their own, so that no other command gets the task to read a file that its user did not name. */
async function workOnOne(batch: Batch, item: Examined, host: WorkerHost): Promise<void> {
  const { taskQueue } = idOf(item, batch.context);
  const { concurrency: queues } = batch.flags;
  const options = { taskQueue, ...item.options };
  await withWorker(host, { taskQueue, file: item.options, tasks: 'activities', queues }, () =>
    followOne(batch, { ...item, options }, batchQueue(), host),
  );
}

/** @param host - if this process does the work */
async function followOne(
  { context, flags, board, ended }: Batch,
  item: Examined,
  taskQueue: string,
  host?: WorkerHost,
): Promise<void> {
  const own = contextOf(context, item, (line) => board.say(line));
  const id = idOf(item, context);
  const finish = (outcome: Omit<Outcome, 'of'>) => {
    const { file, error } = outcome;
    const cleanup = error && cleanupLine(error);
    if (cleanup !== undefined) own.output.say(cleanup);
    own.output.say(file ? `ACTIVE: ${file.id}` : `${error?.type}: ${error?.message}`);
    ended({ of: item, ...outcome });
  };
  try {
    const { handle, taskQueue: queue } = await startOrAttach(own, id, item.options, taskQueue, flags);
    const worksOnIt = host !== undefined && isUploadQueue(queue, id);
    const follow = () =>
      outcomeOf(handle, own, board.open(plainText(labelOf(item))), worksOnIt ? queue : undefined);
    // An earlier command may have started the run as that of a single file, or of a batch with another queue.
    if (!worksOnIt) finish(await follow());
    else if (queue === id.taskQueue)
      finish(await withWorker(host, { taskQueue: queue, tasks: 'workflows' }, follow));
    else finish(await withWorkflows(host, queue, follow));
  } catch (error) {
    // The file has no run.
    if (error instanceof InterruptedError) return;
    finish({ error: reportOf(error), exitCode: exitCodeOf(error) });
  }
}

/** Follows a run until it has ended. */
async function outcomeOf(
  handle: UploadHandle,
  context: CommandContext,
  view: ProgressView,
  ownTaskQueue: string | undefined,
): Promise<Omit<Outcome, 'of'>> {
  // The board tells of it once for all files.
  const cancellation = cancelOnInterrupt(handle, context, () => undefined);
  let link: RunLink | undefined;
  try {
    link = await fetchRunLink(context, handle.workflow);
    context.output.say(`Run: ${describeLink(link, context)}`);
    const { file, run } = await followToEnd(handle, context, view, link, ownTaskQueue);
    return { file, run, exitCode: EXIT.done };
  } catch (error) {
    const report = await cancellation.reportOf(error);
    const { workflow, workflowId } = handle;
    const run = link ? await fetchEndedLink(context, workflow, link, error) : { workflowId };
    return report === undefined
      ? { error: reportOf(error), run, exitCode: exitCodeOf(error) }
      : { error: report, run, exitCode: EXIT.cancelled };
  } finally {
    view.end();
    cancellation.remove();
  }
}
