import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { ReplayError, replayHistories, type SkippedHistory } from '../../testing/index.js';
import { packagedWorkflows } from '../../worker/bundle.js';
import { docPage } from '../doc-page.js';
import { EXIT, UsageError } from '../exit.js';
import { createOutput } from '../terminal/output.js';
import { installRuntime } from '../worker/runtime.js';

export interface ReplayFlags {
  readonly workflows?: string;
  readonly json?: boolean;
}

export async function replay(paths: string[], { workflows, json = false }: ReplayFlags): Promise<number> {
  for (const path of [...paths, ...(workflows === undefined ? [] : [workflows])]) {
    if (!existsSync(path)) throw new UsageError(`There is no file or folder ${path}`);
  }
  const output = createOutput(json);
  await installRuntime({ level: 'ERROR' });
  const code = workflows === undefined ? packagedWorkflows() : { workflowsPath: resolve(workflows) };
  try {
    const { replayed, skipped } = await replayHistories(paths, code);
    output.result({ replayed, skipped, failed: [] }, [
      replayed.length === 1 ? '1 history replays' : `${replayed.length} histories replay`,
      ...skipped.map(describeSkipped),
    ]);
    return EXIT.done;
  } catch (error) {
    if (!(error instanceof ReplayError)) throw error;
    const { replayed, skipped, failures } = error;
    output.result({ replayed, skipped, failed: failures }, [
      ...error.message.split('\n'),
      ...skipped.map(describeSkipped),
    ]);
    if (!json) output.say(failures.some(({ nondeterministic }) => nondeterministic) ? GUARD : CHECK);
    return EXIT.failed;
  }
}

/** What to do about a history that the code does not replay, and about one that cannot be replayed at all. */
const GUARD = `Guard the change of the code with \`patched\`, or keep workers of the old code: ${docPage('changing-workflows')}.`;
const CHECK = 'Check the files, and that --workflows names the code that has their workflows.';

function describeSkipped({ name, reason }: SkippedHistory): string {
  return `- ${name} was skipped: ${reason}`;
}
