import { GeminiFilesClient } from '../../client/index.js';
import { queryStatus } from '../../client/held-file.js';
import { withInterruptibleContext } from '../command-context.js';
import { unlessBehindCodec } from '../error-report.js';
import { commandLine } from '../own-command.js';
import { EXIT } from '../exit.js';
import type { TemporalFlags } from '../temporal-flags.js';
import { createOutput, table } from '../terminal/output.js';
import { planHoldCommand } from './hold.js';

export interface ReleaseFlags extends TemporalFlags {
  readonly lease: string;
  readonly json?: boolean;
}

export async function release(
  holdId: string,
  { lease, json = false, ...flags }: ReleaseFlags,
): Promise<number> {
  const plan = planHoldCommand(flags, 'release');
  const output = createOutput(json);
  return withInterruptibleContext(plan, output, async ({ client }) => {
    const held = new GeminiFilesClient(client).attachHold(holdId, lease);
    // Before the signal, after which no hold has the lease. If no worker answers, or if a payload codec has encoded the answer, only the signal tells something.
    const status = await unlessBehindCodec(queryStatus(client, held.workflow), () => undefined);
    // Sent to a hold without the lease too: it may have been acquired since.
    const isOpen = await held.release();
    const isUnknown = status !== undefined && !status.leases.some(({ id }) => id === lease);
    const released = isOpen && !isUnknown;
    output.result(
      { holdId, leaseId: lease, released },
      table([
        ['hold', holdId],
        ['released', released ? lease : 'nothing'],
      ]),
    );
    if (!isOpen)
      output.say(
        `No hold ${holdId} is open here: it has ended, or its id or the server is another one (see: ${commandLine('status')})`,
      );
    else if (isUnknown)
      output.say(
        `The hold ${holdId} has no lease ${lease}: it is over, or its id is another one (see: ${commandLine('status', [holdId])})`,
      );
    return EXIT.done;
  });
}
