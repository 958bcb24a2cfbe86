import { spawn } from 'node:child_process';
import type { Env } from './paths.js';

export interface RunResult {
  readonly code: number | null;
  /** stdout and stderr together, trimmed. */
  readonly output: string;
}

/** Runs a command to its end, without a shell. Rejects where it cannot be started or takes longer than `timeoutMs`. */
export function run(
  command: string,
  args: readonly string[],
  { env, timeoutMs }: { env: Env; timeoutMs: number },
): Promise<RunResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { env, stdio: ['ignore', 'pipe', 'pipe'], windowsHide: true });
    let output = '';
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      child.kill('SIGKILL');
      // A grandchild that inherited the pipes must not keep us waiting for their end.
      child.stdout.destroy();
      child.stderr.destroy();
    }, timeoutMs);
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => (output += text));
    }
    child.on('error', (error) => {
      clearTimeout(timer);
      reject(error);
    });
    child.on('close', (code) => {
      clearTimeout(timer);
      if (late) reject(new Error(`no end within ${timeoutMs / 1000} s`));
      else resolve({ code, output: output.trim() });
    });
  });
}

/** The last lines of a program's output, on one line: what a person needs to see of it in an error message. */
export function lastLines(output: string, count = 3): string {
  const lines = output.split('\n').map((line) => line.trim());
  return lines
    .filter((line) => line !== '')
    .slice(-count)
    .join(' | ');
}

export function reason(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
