import type { Client } from '@temporalio/client';
import { Option, type Command } from 'commander';
import { addSweep, sweepResult, type DeleteOutcome } from '../../contract/sweep-files.js';
import {
  FILES_PER_SEARCH,
  resolveSweepOptions,
  SWEEP_FIELDS,
  type AbandonedFile,
  type SweepResult,
  type SweptFile,
} from '../../contract/sweep.js';
import { SWEPT_WORKFLOW_TYPES } from '../../contract/names.js';
import { runsOfTypes } from '../../contract/run-filter.js';
import { resolveSettings, type Settings } from '../../worker/options.js';
import { errorMessage } from '../../util/error-message.js';
import { durationOption } from '../duration-argument.js';
import { EXIT } from '../exit-code.js';
import { OWN_TYPES, sweepAdvice, sweepLines } from '../sweep-report.js';
import { colourFor } from '../terminal/colour.js';
import { createOutput } from '../terminal/output.js';
import { assertKey, forTerminal, planCommand, withInterruptibleContext } from '../command-context.js';
import { addTemporalFlags, permanentTemporal, type TemporalFlags } from '../temporal-target.js';
import type { ToAction } from './to-action.js';

interface SweepFlags extends TemporalFlags {
  readonly dryRun?: boolean;
  readonly olderThan: string;
  readonly query?: string;
  readonly config?: string;
  readonly json?: boolean;
}

export function addSweepCommand(program: Command, toAction: ToAction): void {
  addTemporalFlags(
    program
      .command('sweep')
      .description(
        "delete the files of this package's workflows that were terminated or timed out in the last 48 hours; with --query, of other workflows",
      ),
  )
    .option('--dry-run', 'list the files, and delete nothing')
    .addOption(
      new Option('--older-than <duration>', 'only workflows that have been closed for this long')
        .default(SWEEP_FIELDS.olderThan.default)
        .argParser(durationOption('olderThan')),
    )
    .option(
      '--query <filter>',
      "which workflows, as a Temporal list filter, in place of this package's own types; give it for workflows that call the functions inline",
    )
    .option('--config <file>', 'configuration file')
    .option('--json', 'print the result as JSON on stdout')
    .addHelpText(
      'after',
      `
Runs of the workflow types ${OWN_TYPES} are searched, and no others. Workflows of
yours that call the functions inline are not among them. To search those too, name all types:
  --query "${runsOfTypes([...SWEPT_WORKFLOW_TYPES, 'transcribe'])}"
All files that such a run uploaded are deleted, so leave out workflows that hand them to others.
The command has no payload codec. If yours encrypts, run the workflow sweepAbandonedFiles instead.

Exits with 0 if nothing failed, and with 1 if a file could not be deleted, or a run could not be read, so that a
file of it may be left. Files that an open run needs or may need are kept; that is not a failure.`,
    )
    .action(toAction((flags: SweepFlags) => sweep(flags)));
}

async function sweep({
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
      const search = await (await loadSearch()).searchAbandoned(client, { ...where, after });
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

/** The activities, which other commands start without. */
const loadSearch = () => import('../../worker/sweep.js');

async function remove(client: Client, settings: Settings, file: AbandonedFile): Promise<DeleteOutcome> {
  try {
    const { reason, ...deletion } = await (await loadSearch()).deleteAbandonedFile(client, settings, file);
    return { ...deletion, ...(reason !== undefined && { error: reason }) };
  } catch (error) {
    return { outcome: 'failed', error: errorMessage(error) };
  }
}
