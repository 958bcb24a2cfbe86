import type { Client, WorkflowHandle } from '@temporalio/client';
import { acquireHold, type OnRun } from '../../client/acquire-hold.js';
import type { HeldFile } from '../../client/held-file.js';
import type { HoldOptions } from '../../contract/hold.js';
import { resolveHoldRequest, type HoldTarget } from '../../contract/hold-target.js';
import { TASK_QUEUE } from '../../contract/names.js';
import type { FileOrigin } from '../../contract/options.js';
import { HOLD_SUMMARY, summaryOf } from '../../contract/source.js';
import { planCommand, withInterruptibleContext, type CommandContext } from '../command-context.js';
import { CLI_LEASE } from '../cli-lease.js';
import { isBehindCodec, noteRun, type FailedHold } from '../error-report.js';
import { EXIT, UsageError } from '../exit.js';
import { commandLine } from '../own-command.js';
import type { TemporalFlags } from '../temporal-flags.js';
import { configuredTemporal } from '../temporal-target.js';
import { formatTime } from '../terminal/format.js';
import { onceAborted } from '../terminal/interrupt.js';
import { createOutput, table } from '../terminal/output.js';
import { plainText } from '../terminal/text.js';
import { toOrigin } from '../upload/argument.js';
import { toHoldSettings, type UploadFlags } from '../upload/flags.js';
import { watchPending } from '../upload/watch-pending.js';

export interface HoldFlags extends UploadFlags, TemporalFlags, HoldTarget {
  readonly json?: boolean;
}

export async function hold(given: string, flags: HoldFlags): Promise<number> {
  const { json = false, holdId, reuse } = flags;
  const from = await toOrigin(given);
  const request = {
    leaseId: CLI_LEASE,
    ...toHoldSettings(flags),
    ...(holdId !== undefined && { holdId }),
    ...(reuse !== undefined && { reuse }),
    ...from,
  };
  resolveHoldRequest(request);
  const plan = planHoldCommand(flags, 'hold');
  const output = createOutput(json);
  let asked: FailedHold | undefined;
  const acquire = async (context: CommandContext) => {
    const held = await acquireVisibly(request, context, (hold) => (asked = hold));
    const { leaseId, file } = held;
    output.result(
      { holdId: held.holdId, leaseId, file },
      table([
        ['hold', held.holdId],
        ['lease', leaseId],
        ['file', file.id],
        ['uri', file.uri],
        ['expires', formatTime(file.expirationTime)],
      ]),
    );
    if (holdId !== undefined) await sayIfOther(held, from, context);
    return EXIT.done;
  };
  try {
    return await withInterruptibleContext(plan, output, acquire);
  } catch (error) {
    if (asked) noteRun(error, asked);
    throw error;
  }
}

/**
 * Tells what the runs do meanwhile: it can take hours until the file is ACTIVE.
 *
 * @param onAsked - called when the hold was asked for the lease
 */
async function acquireVisibly(
  request: HoldOptions & HoldTarget & { readonly leaseId: string },
  context: CommandContext,
  onAsked: (hold: FailedHold) => void,
): Promise<HeldFile> {
  const { output, interrupt } = context;
  const stops: (() => Promise<void>)[] = [];
  let hold: string | undefined;
  const watch: OnRun = (workflow, what) => {
    const { workflowId } = workflow;
    void stops.at(-1)?.();
    output.say(`Run: ${workflowId}`);
    stops.push(watchPending(workflow, context));
    if (what === 'identification') return;
    hold = workflowId;
    onAsked({ holdId: workflowId, leaseId: request.leaseId });
  };
  const sayItGoesOn = () => {
    if (hold !== undefined)
      output.say(`The hold goes on. To end it: ${releaseCommand(hold, request.leaseId)}`);
  };
  const stopAll = () => Promise.all(stops.map((stop) => stop()));
  void onceAborted(interrupt.signal).then(() => {
    void stopAll();
    sayItGoesOn();
  });
  try {
    return await acquireHold(context.client, TASK_QUEUE, request, watch);
  } catch (error) {
    // The lease is there; only its file cannot be read.
    if (isBehindCodec(error)) sayItGoesOn();
    throw error;
  } finally {
    // No call may be open on the connection when it is closed.
    await stopAll();
  }
}

/** The id decides which file a hold has. Its summary names the file, unless another program has started it, or a codec hides it. */
async function sayIfOther(
  { holdId, workflow }: HeldFile,
  asked: FileOrigin,
  { client, output }: CommandContext,
): Promise<void> {
  const summary = await summaryOfFirstRun(client, workflow).catch(() => undefined);
  if (!summary?.startsWith(HOLD_SUMMARY)) return;
  const there = summary.slice(HOLD_SUMMARY.length);
  if (there === summaryOf(asked)) return;
  const names = [there, summaryOf(asked)].map(plainText);
  output.say(`The hold ${holdId} was running already, with ${names.join(', not with ')}: this is its file`);
}

/** A run that continues another one has no summary. */
export async function summaryOfFirstRun(
  client: Client,
  workflow: WorkflowHandle,
): Promise<string | undefined> {
  const latest = await workflow.describe();
  const firstRunId = latest.raw.workflowExecutionInfo?.firstRunId;
  if (!firstRunId || firstRunId === latest.runId) return latest.staticSummary();
  return (await client.workflow.getHandle(workflow.workflowId, firstRunId).describe()).staticSummary();
}

/** The command that ends the lease, on the same server. */
function releaseCommand(holdId: string, lease: string): string {
  return commandLine('release', [holdId, ...(lease === CLI_LEASE ? [] : ['--lease', lease])]);
}

/** @throws UsageError without a server: a hold outlasts the command, and so must its server */
export function planHoldCommand(flags: TemporalFlags, name: string) {
  const temporal = configuredTemporal(flags);
  if (!temporal)
    throw new UsageError(
      `${name} needs a Temporal server that stays, and none is configured: name it with --address, TEMPORAL_ADDRESS or TEMPORAL_PROFILE`,
    );
  return { ...planCommand(undefined, undefined, temporal), emulator: false };
}
