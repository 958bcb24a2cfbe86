import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import * as v from 'valibot';
import { isRunning } from '../../util/process-id.js';
import { livingMarkers } from '../../util/process-marker.js';
import { stateFiles } from './state-folder.js';

const positive = v.pipe(v.number(), v.integer(), v.minValue(1));
const port = v.pipe(positive, v.maxValue(65_535));
const processId = { pid: positive, started: v.string() };

const RecordSchema = v.object({
  temporal: v.optional(
    v.object({ ...processId, port, uiPort: port, cliVersion: v.string(), serverVersion: v.string() }),
  ),
  emulator: v.optional(v.object({ ...processId, port })),
});

/**
 * What was started last on the state folder. It is kept when the processes end: the next ones take the same ports if they are free, so
 * that links to the Web UI and URIs of emulated files stay valid, and the version says which servers can read the database.
 */
export type ServerRecord = v.InferOutput<typeof RecordSchema>;

/** An empty record if the file is missing or damaged. */
export function readRecord(stateDir: string): ServerRecord {
  try {
    return v.parse(RecordSchema, JSON.parse(readFileSync(stateFiles(stateDir).record, 'utf8')));
  } catch {
    return {};
  }
}

/** Replaces parts of the record; only the holder of the lock may do this. A reader sees the old file or the new one. */
export function updateRecord(stateDir: string, change: ServerRecord): void {
  const path = stateFiles(stateDir).record;
  const record = { ...readRecord(stateDir), ...change };
  writeFileSync(`${path}.tmp`, `${JSON.stringify(record, null, 2)}\n`, { mode: 0o600 });
  renameSync(`${path}.tmp`, path);
}

export interface DevServerStatus {
  readonly pid: number;
  readonly emulatorPid?: number;
  readonly address: string;
  readonly uiUrl: string;
  readonly serverVersion: string;
  /** How many commands use it. If none does, a command was killed, or a run is still open. */
  readonly users: number;
}

/** The server that runs on the state folder; undefined if none does. Starts nothing. */
export function readDevServerStatus(stateDir: string): DevServerStatus | undefined {
  const { temporal, emulator } = readRecord(stateDir);
  if (temporal === undefined || !isRunning(temporal)) return undefined;
  return {
    pid: temporal.pid,
    ...(emulator !== undefined && isRunning(emulator) && { emulatorPid: emulator.pid }),
    address: `127.0.0.1:${temporal.port}`,
    uiUrl: `http://127.0.0.1:${temporal.uiPort}`,
    serverVersion: temporal.serverVersion,
    users: livingMarkers(stateFiles(stateDir).users).length,
  };
}
