import type { Command } from 'commander';
import {
  resolveSweepOptions,
  summarise,
  SWEEP_DEFAULTS,
  type AbandonedFile,
  type SweptFile,
} from '../../contract/index.js';
import { deleteFile, GeminiApiError } from '../../gemini/index.js';
import { resolveSettings, searchAbandoned, type Settings } from '../../worker/index.js';
import { EXIT } from '../exit-code.js';
import { createOutput } from '../output.js';
import { planSession, withInterruptibleSession } from '../session.js';

interface SweepFlags {
  readonly dryRun?: boolean;
  readonly olderThan: string;
  readonly query?: string;
  readonly config?: string;
  readonly json?: boolean;
}

export function addSweepCommand(program: Command): void {
  program
    .command('sweep')
    .description('delete the files of workflows that were terminated or timed out in the last 48 hours')
    .option('--dry-run', 'show them, and delete nothing')
    .option(
      '--older-than <duration>',
      'only workflows that have been closed for this long',
      SWEEP_DEFAULTS.olderThan,
    )
    .option('--query <filter>', "Temporal list filter in place of this package's workflow types")
    .option('--config <file>', 'configuration file')
    .option('--json', 'print the result as JSON on stdout')
    .action(async (flags: SweepFlags) => {
      process.exitCode = await sweep(flags);
    });
}

async function sweep({
  dryRun = false,
  olderThan,
  query,
  config,
  json = false,
}: SweepFlags): Promise<number> {
  const output = createOutput(json);
  const where = resolveSweepOptions({
    olderThan,
    dryRun,
    ...(query !== undefined && { query }),
  });
  return withInterruptibleSession(planSession(!dryRun, config), output, async (session) => {
    const settings = resolveSettings({ ...session.gemini, ...(config && { configFile: config }) });
    const found = await searchAbandoned(session.client, where);
    const files: SweptFile[] = [];
    for (const file of found)
      files.push(dryRun ? { ...file, outcome: 'found' } : await remove(settings, file));
    const result = summarise(files, dryRun);
    const lines = files.map((file) =>
      [file.outcome, file.name, file.workflowId, file.error].filter(Boolean).join('  '),
    );
    output.result(result, [
      ...lines,
      `${result.found} found, ${result.deleted} deleted, ${result.failed} failed`,
    ]);
    return result.failed > 0 ? EXIT.failed : EXIT.done;
  });
}

async function remove(settings: Settings, file: AbandonedFile): Promise<SweptFile> {
  try {
    await deleteFile(await settings.connect(file.credentials), file.name);
  } catch (error) {
    const gone = error instanceof GeminiApiError && error.kind === 'missing';
    if (!gone)
      return { ...file, outcome: 'failed', error: error instanceof Error ? error.message : String(error) };
  }
  return { ...file, outcome: 'deleted' };
}
