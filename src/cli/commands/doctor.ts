import type { Command } from 'commander';
import { runChecks, type Check } from '../doctor/index.js';
import { EXIT } from '../exit-code.js';
import { createOutput } from '../output.js';

interface DoctorFlags {
  readonly offline?: boolean;
  readonly config?: string;
  readonly json?: boolean;
}

export function addDoctorCommand(program: Command): void {
  program
    .command('doctor')
    .description('check what uploads need, and say what to do about what is missing')
    .option('--offline', 'ask nothing of the provider')
    .option('--config <file>', 'configuration file')
    .option('--json', 'print {"ok": …, "checks": […]} on stdout')
    .action(async (flags: DoctorFlags) => {
      process.exitCode = await doctor(flags);
    });
}

async function doctor({ offline = false, config, json = false }: DoctorFlags): Promise<number> {
  const checks = await runChecks({ offline, ...(config !== undefined && { configFile: config }) });
  const ok = checks.every((check) => check.ok);
  createOutput(json).result({ ok, checks }, lines(checks));
  return ok ? EXIT.done : EXIT.failed;
}

function lines(checks: readonly Check[]): string[] {
  const width = Math.max(...checks.map(({ name }) => name.length));
  return checks.map(({ name, ok, skipped, detail, fix }) => {
    const word = skipped ? 'skip' : ok ? 'ok  ' : 'FAIL';
    const advice = fix === undefined ? '' : `\n${' '.repeat(6 + width)}  ${ok ? 'hint' : 'do'}: ${fix}`;
    return `${word}  ${name.padEnd(width)}  ${detail}${advice}`;
  });
}
