/** What a command that fails prints. */

import { adviceLine } from './advice.js';
import { cleanupLine, exitCodeOf, reportOf, runOf } from './error-report.js';
import { InterruptedError } from './exit.js';
import { flagLine } from './upload/flag-line.js';

/**
 * Prints the failure on stderr and, with `--json`, on stdout.
 *
 * @param command - the command's name, if the command line names one
 * @returns the exit code
 */
export function reportFailure(error: unknown, command: string | undefined, json: boolean): number {
  if (json) process.stdout.write(`${JSON.stringify({ error: { ...reportOf(error), ...runOf(error) } })}\n`);
  process.stderr.write(error instanceof InterruptedError ? 'Interrupted.\n' : textOf(error, command));
  return exitCodeOf(error);
}

function textOf(error: unknown, command: string | undefined): string {
  const report = reportOf(error);
  const lines = [
    cleanupLine(report),
    `${report.type}: ${report.message}`,
    flagLine(report),
    adviceLine(report, command),
  ];
  return lines.map((line) => (line === undefined ? '' : `${line}\n`)).join('');
}
