import { runChecks, type Check } from '../doctor/index.js';
import { EXIT } from '../exit.js';
import { createOutput } from '../terminal/output.js';
import type { WorkerFlags } from '../worker/flags.js';
import { toWorkerOptions } from '../worker/settings-of-flags.js';
import type { TemporalFlags } from '../temporal-flags.js';

export interface DoctorFlags extends WorkerFlags, TemporalFlags {
  readonly source?: string[];
  readonly offline?: boolean;
  readonly json?: boolean;
}

export async function doctor({ offline = false, json = false, ...flags }: DoctorFlags): Promise<number> {
  const output = createOutput(json);
  const { checks, server } = await runChecks({
    offline,
    sources: flags.source ?? [],
    taskQueue: flags.taskQueue,
    temporal: flags,
    worker: toWorkerOptions(flags),
  });
  const ok = checks.every((check) => check.ok);
  output.say(server);
  output.result({ ok, checks }, lines(checks));
  return ok ? EXIT.done : EXIT.failed;
}

function lines(checks: readonly Check[]): string[] {
  const width = Math.max(...checks.map(({ name }) => name.length));
  return checks.map(({ name, ok, skipped, detail, fix }) => {
    const status = skipped ? 'skip' : ok ? 'ok  ' : 'FAIL';
    const advice = fix === undefined ? '' : `\n${' '.repeat(6 + width)}  ${ok ? 'hint' : 'do'}: ${fix}`;
    return `${status}  ${name.padEnd(width)}  ${detail}${advice}`;
  });
}
