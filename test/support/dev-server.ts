import { readDevServerStatus } from '../../src/cli/dev-server/index.js';

/** Kills the embedded server and the emulator of a state folder, if they run. */
export function killDevServer(stateDir: string): void {
  const status = readDevServerStatus(stateDir);
  for (const pid of [status?.pid, status?.emulatorPid]) if (pid !== undefined) process.kill(pid, 'SIGKILL');
}
