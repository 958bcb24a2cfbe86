import { freePort } from '../../util/free-port.js';
import { builtScript } from '../temporal-cli/paths.js';
import { stateFiles, type Env } from './state-folder.js';
import { readRecord, updateRecord } from './server-record.js';
import { startService } from './service.js';
import { untilOpen } from './temporal-server.js';

/** Starts the Gemini Files emulator in a process of its own, so that it keeps its upload sessions when a command is killed. */
export async function startEmulator(stateDir: string, env: Env): Promise<void> {
  const { emulatorFiles, emulatorLog } = stateFiles(stateDir);
  await startService(async () => {
    const port = await freePort(readRecord(stateDir).emulator?.port);
    const args = ['emulator', '--no-storage-quota', '--port', `${port}`, '--state-file', emulatorFiles];
    return {
      name: 'The emulator of the Gemini Files API',
      command: process.execPath,
      args: [builtScript('main'), ...args],
      env,
      log: emulatorLog,
      onSpawn: (process) => updateRecord(stateDir, { emulator: { ...process, port } }),
      untilReady: (signal) => untilOpen(port, signal).then(() => false),
      listening: new RegExp(`http://127\\.0\\.0\\.1:${port}\\b`),
    };
  });
}
