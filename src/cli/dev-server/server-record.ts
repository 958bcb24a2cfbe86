import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { optional, readFields, required, type OutputOf } from '../../contract/fields.js';
import { number, string } from '../../contract/kinds.js';
import { isRunning } from '../../util/process-id.js';
import { livingMarkers } from '../../util/process-marker.js';
import type { Database } from '../temporal-cli/index.js';
import { databaseIfAny, stateFiles } from './state-folder.js';

const whole = (max: number) =>
  required(
    number([(value) => Number.isInteger(value) && value >= 1 && value <= max, 'expected a whole number']),
  );
const port = whole(65_535);
const text = required(string());

const EMULATOR_FIELDS = { pid: whole(Number.MAX_SAFE_INTEGER), started: text, port };
const TEMPORAL_FIELDS = {
  ...EMULATOR_FIELDS,
  uiPort: port,
  cliVersion: text,
  serverVersion: text,
  /** The id that a server chose when it created the database. Each server on that database has it. */
  clusterId: optional(string()),
};

/**
 * What was started last on the state folder. It is kept when the processes end: the next ones take the same ports if they are free, so
 * that links to the Web UI and URIs of emulated files stay valid, and the version says which servers can read the database.
 */
export interface ServerRecord {
  readonly temporal?: OutputOf<typeof TEMPORAL_FIELDS> | undefined;
  readonly emulator?: OutputOf<typeof EMULATOR_FIELDS> | undefined;
}

/** An empty record if the file is missing or damaged. */
export function readRecord(stateDir: string): ServerRecord {
  try {
    const { temporal, emulator } = JSON.parse(readFileSync(stateFiles(stateDir).record, 'utf8')) as Record<
      keyof ServerRecord,
      Record<string, unknown> | undefined
    >;
    return {
      temporal: temporal && readFields(TEMPORAL_FIELDS, temporal, damaged),
      emulator: emulator && readFields(EMULATOR_FIELDS, emulator, damaged),
    };
  } catch {
    return {};
  }
}

export interface RecordedDatabase extends Database {
  readonly clusterId?: string | undefined;
}

/** The database of the state folder, if there is one. Without one, what the record says of an earlier one counts no more. */
export function readDatabase(stateDir: string): RecordedDatabase | undefined {
  const path = databaseIfAny(stateDir);
  if (path === undefined) return undefined;
  const { temporal } = readRecord(stateDir);
  return { path, serverVersion: temporal?.serverVersion, clusterId: temporal?.clusterId };
}

function damaged(field: string): Error {
  return new Error(`${field} is damaged`);
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
