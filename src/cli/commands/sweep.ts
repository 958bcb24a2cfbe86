import type { Client } from '@temporalio/client';
import { addSweep, sweepResult, type DeleteOutcome } from '../../contract/sweep-files.js';
import {
  FILES_PER_SEARCH,
  resolveSweepOptions,
  type AbandonedFile,
  type SweepResult,
  type SweptFile,
} from '../../contract/sweep.js';
import { resolveSettings, type Settings } from '../../worker/options.js';
import { deleteAbandonedFile, searchAbandoned } from '../../worker/sweep.js';
import { errorMessage } from '../../util/error-message.js';
import { EXIT } from '../exit.js';
import { sweepAdvice, sweepLines } from '../sweep-report.js';
import { colourFor } from '../terminal/colour.js';
import { createOutput } from '../terminal/output.js';
import { assertKey, forTerminal, planCommand, withInterruptibleContext } from '../command-context.js';
import type { TemporalFlags } from '../temporal-flags.js';
import { permanentTemporal } from '../temporal-target.js';

export interface SweepFlags extends TemporalFlags {
  readonly dryRun?: boolean;
  readonly olderThan: string;
  readonly query?: string;
  readonly config?: string;
  readonly json?: boolean;
}

export async function sweep({
  dryRun = false,
  olderThan,
  query,
  config,
  json = false,
  ...temporal
}: SweepFlags): Promise<number> {
  const output = createOutput(json);
  const where = {
    ...resolveSweepOptions({ olderThan, dryRun, ...(query !== undefined && { query }) }),
    limit: FILES_PER_SEARCH,
  };
  const plan = planCommand(config, undefined, permanentTemporal(temporal));
  if (!dryRun) await assertKey(plan);
  return withInterruptibleContext(plan, output, async ({ client, gemini }) => {
    const settings = forTerminal(resolveSettings(gemini));
    const sweepFrom = async (after: string | undefined, total?: SweepResult): Promise<SweepResult> => {
      const search = await searchAbandoned(client, { ...where, after });
      const files: SweptFile[] = [];
      for (const file of search.files) {
        const outcome = dryRun ? FOUND : await remove(client, settings, file);
        files.push({ ...file, ...outcome });
        // The table comes when all files were tried, which may take long.
        if (outcome.outcome === 'failed')
          output.say(`${file.name} could not be deleted: ${outcome.error ?? 'unknown'}`);
      }
      const result = addSweep(total, sweepResult(search, dryRun, files));
      return search.next === undefined ? result : sweepFrom(search.next, result);
    };
    const result = await sweepFrom(undefined);
    output.result(result, sweepLines(result, query, colourFor(process.stdout)));
    if (!json) for (const line of sweepAdvice(result)) output.say(line);
    return result.failed > 0 || result.unreadable > 0 ? EXIT.failed : EXIT.done;
  });
}

const FOUND: DeleteOutcome = { outcome: 'found' };

async function remove(client: Client, settings: Settings, file: AbandonedFile): Promise<DeleteOutcome> {
  try {
    const { reason, ...deletion } = await deleteAbandonedFile(client, settings, file);
    return { ...deletion, ...(reason !== undefined && { error: reason }) };
  } catch (error) {
    return { outcome: 'failed', error: errorMessage(error) };
  }
}
