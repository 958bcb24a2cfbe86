import { existsSync } from 'node:fs';
import { isRunning } from '../../util/process-id.js';
import { findDatabase, stateFiles } from './state-folder.js';
import type { ServerRecord } from './server-record.js';

/** How often it looks: neither another's child process nor a deleted folder sends an event. */
const LOOK_MS = 500;

export interface Watch {
  /** Rejects when a server has ended or the folder has been deleted; never resolves. */
  readonly lost: Promise<never>;
  folderIsDeleted(): boolean;
  stop(): void;
}

/** Watches the servers that a command uses, and the database, without which they are of no use. */
export function watchServers(stateDir: string, { temporal, emulator }: ServerRecord): Watch {
  const { serverLog, emulatorLog } = stateFiles(stateDir);
  const database = findDatabase(stateDir);
  const folderIsDeleted = () => database === undefined || !existsSync(database);
  let timer: NodeJS.Timeout | undefined;
  const lost = new Promise<never>((_, reject) => {
    timer = setInterval(() => {
      const reason = reasonOfLoss();
      if (reason !== undefined) reject(new Error(`The embedded Temporal server is gone: ${reason}`));
    }, LOOK_MS).unref();
  });
  lost.catch(() => undefined); // It may be lost while nothing waits for it.
  return { lost, folderIsDeleted, stop: () => clearInterval(timer) };

  function reasonOfLoss(): string | undefined {
    if (folderIsDeleted())
      return `its state folder ${stateDir} was deleted while it was in use, and the runs with it. Repeat the command to start again.`;
    const servers = [
      { name: "Temporal's dev server", server: temporal, log: serverLog },
      { name: 'the emulator of the Gemini Files API', server: emulator, log: emulatorLog },
    ];
    for (const { name, server, log } of servers)
      if (server !== undefined && !isRunning(server))
        return `${name} (process ${server.pid}) has ended; its log is ${log}. Repeat the command to resume the run.`;
    return undefined;
  }
}
