/**
 * Run as a process of its own: `node host.js --state-dir DIR --cli PATH --cli-version V --server-version V`. It outlives the process
 * that started it where others use the server too, and it ends the server when the last of them, however it ended, is gone.
 */
import { parseArgs } from 'node:util';
import type { StartEmulator } from './lazy-emulator.js';
import { limitLog } from './log-file.js';
import { stateFiles } from './paths.js';
import type { HostNotice } from './protocol.js';
import { runHost } from './run-host.js';
import { reason } from './run.js';

// Whatever is made here, the server's database too, is the user's alone.
process.umask(0o077);

const startEmulator: StartEmulator = async (options) => {
  const { GeminiFilesEmulator } = await import('../../testing/index.js');
  return GeminiFilesEmulator.start(options);
};

/** Tells the process that has started this one, and lets it go: it must not have to wait for us. */
function notify(notice: HostNotice): void {
  if (process.connected) process.send?.(notice, () => process.disconnect());
}

const required = { type: 'string', default: '' } as const;
const { values } = parseArgs({
  options: { 'state-dir': required, cli: required, 'cli-version': required, 'server-version': required },
});
const stop = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => stop.abort());
// A fault in here, say of the emulator, must not leave the server behind.
process.on('uncaughtException', (error) => {
  console.error(error);
  stop.abort();
});

try {
  limitLog(stateFiles(values['state-dir']).log);
  const outcome = await runHost({
    stateDir: values['state-dir'],
    cli: {
      path: values.cli,
      cliVersion: values['cli-version'],
      serverVersion: values['server-version'],
    },
    startEmulator,
    signal: stop.signal,
    onServing: () => notify({ type: 'serving' }),
    onEnded: () => process.exit(),
  });
  if (outcome === 'taken') notify({ type: 'taken' });
} catch (error) {
  console.error(error);
  notify({ type: 'failed', message: reason(error) });
  process.exitCode = 1;
}
