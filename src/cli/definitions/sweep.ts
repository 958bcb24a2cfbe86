import { Option, type Command } from 'commander';
import { SWEPT_WORKFLOW_TYPES } from '../../contract/names.js';
import { runsOfTypes } from '../../contract/run-filter.js';
import { SWEEP_FIELDS } from '../../contract/sweep.js';
import { durationOption } from '../duration-argument.js';
import { OWN_TYPES } from '../sweep-report.js';
import { addTemporalFlags } from '../temporal-flags.js';
import type { ToAction } from './to-action.js';

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
    .action(toAction(async () => (await import('../commands/sweep.js')).sweep));
}
