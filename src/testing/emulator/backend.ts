/** What the services of the emulator share. */

import type { IncomingMessage } from 'node:http';
import type { EmulatorClock } from './clock.js';
import type { Fault } from './fault.js';
import { fileResource, type FileRecord, type FileResource } from './file-record.js';
import type { FileStore } from './file-store.js';
import type { ResolvedOptions } from './options.js';
import type { OpenRequest } from './recorded-requests.js';
import type { Route } from './route.js';
import type { SessionTable } from './session-table.js';
import type { UploadSession } from './upload-session.js';

export interface Backend {
  readonly options: ResolvedOptions;
  readonly clock: EmulatorClock;
  readonly files: FileStore;
  readonly sessions: SessionTable;
  /** `http://127.0.0.1:<port>` and the path prefix. */
  readonly baseUrl: string;
  /** Before each request: moves the clock to the time of the option `time`. */
  readonly syncTime?: (() => Promise<void>) | undefined;
}

/** One request on its way through the emulator. */
export interface Exchange {
  readonly request: IncomingMessage;
  readonly route: Route;
  readonly record: OpenRequest;
  readonly fault: Fault | undefined;
  /** Of an upload URL that is known. */
  readonly session: UploadSession | undefined;
  /** Notes bytes of the body that were read. */
  readonly onBytes: (bytes: number) => void;
  /** Says that something changed that a test may wait for. */
  readonly changed: () => void;
}

export function resourceOf(backend: Backend, record: FileRecord): FileResource {
  return fileResource(record, backend.clock.now(), backend.baseUrl);
}
