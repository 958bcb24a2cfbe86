import { spawn } from 'node:child_process';

export interface CommandResult {
  readonly code: number | null;
  /** stdout and stderr together, trimmed. */
  readonly output: string;
}

/** Runs a command to its end, without a shell. Rejects if it cannot be started or takes longer than `timeoutMs`. */
export function runCommand(
  command: string,
  args: readonly string[],
  { env, timeoutMs }: { env: Readonly<Record<string, string | undefined>>; timeoutMs: number },
): Promise<CommandResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { env, stdio: ['ignore', 'pipe', 'pipe'], windowsHide: true });
    let output = '';
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      child.kill('SIGKILL');
      // 'close' must not wait for a grandchild that has inherited the pipes.
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
      if (late) reject(new Error(`did not end within ${timeoutMs / 1000} s`));
      else resolve({ code, output: output.trim() });
    });
  });
}

/** The last lines of a program's output, on one line, for an error message. */
export function lastLines(output: string, count = 3): string {
  const lines = output.split('\n').map((line) => line.trim());
  return lines
    .filter((line) => line !== '')
    .slice(-count)
    .join(' | ');
}
