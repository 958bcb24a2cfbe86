import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { hostWords } from './control-client.js';
import { logSize, logTail } from './log-file.js';
import { builtScript, stateFiles, type Env } from './paths.js';
import type { HostNotice } from './protocol.js';
import type { TemporalCli } from './temporal-cli.js';

/** Starts a host process and waits until users can connect to it or to the one that was there first. */
export async function spawnHost(
  stateDir: string,
  cli: TemporalCli,
  env: Env,
  timeoutMs: number,
): Promise<void> {
  const { log } = stateFiles(stateDir);
  const logStart = logSize(log);
  const output = openSync(log, 'a', 0o600);
  const child = spawn(
    process.execPath,
    [
      ...[builtScript('host'), ...hostWords(stateDir), '--cli', cli.path],
      ...['--cli-version', cli.cliVersion, '--server-version', cli.serverVersion],
    ],
    // A session of its own: Ctrl-C in the terminal is for the user's process, which then leaves in good order.
    {
      detached: true,
      cwd: stateDir,
      env: hostEnvironment(env),
      stdio: ['ignore', output, output, 'ipc'],
      windowsHide: true,
    },
  );
  closeSync(output);
  try {
    const notice = await new Promise<HostNotice>((resolve) => {
      const failed = (why: string): void => resolve({ type: 'failed', message: why });
      const timer = setTimeout(() => failed(`it was not up within ${timeoutMs / 1000} s`), timeoutMs);
      child.once('error', (error) => failed(error.message));
      child.once('exit', (code, signal) => failed(`it ended (${signal ?? `exit ${code}`})`));
      child.once('message', (message) => resolve(message as HostNotice));
      child.once('close', () => clearTimeout(timer));
      child.once('message', () => clearTimeout(timer));
    });
    if (notice.type !== 'failed') return;
    const said = logTail(log, logStart);
    throw new Error(
      `The embedded Temporal server's host could not be started: ${notice.message}.${said === '' ? '' : ` ${log} says: ${said}`}`,
    );
  } finally {
    if (child.connected) child.disconnect();
    child.unref();
  }
}

/** The host needs none of what is meant for this program or for Temporal's clients, and least of all anybody's API key. */
function hostEnvironment(env: Env): Record<string, string | undefined> {
  const foreign = /^(TEMPORAL_|GEMINI_|GOOGLE_|NODE_OPTIONS$|NODE_V8_COVERAGE$)/;
  return Object.fromEntries(Object.entries(env).filter(([name]) => !foreign.test(name)));
}
