/**
 * The room that the clean-up of all open files needs in the workflow's history. Temporal terminates a workflow at the limits
 * of its history, and a terminated workflow deletes nothing: the files have to be given up while there is room to delete them.
 */

import {
  CancellationScope,
  condition,
  patched,
  workflowInfo,
  type ApplicationFailure,
} from '@temporalio/workflow';
import { UploadFailedError } from '../contract/errors.js';
import { toApplicationFailure } from '../contract/failure.js';
import { jsonBytes } from '../util/json-bytes.js';
import type { FileOptions } from './file-options.js';
import { runState } from './run-state.js';

interface Room {
  readonly events: number;
  readonly bytes: number;
}

const KiB = 1024;
const MiB = 1024 * KiB;

/** Temporal's defaults of `limit.historyCount.error` and `limit.historySize.error`. A workflow cannot read the limits of its server. */
const LIMIT: Room = { events: 51_200, bytes: 50 * MiB };

/** For what the caller's own code does meanwhile, and for the workflow's result or failure. */
const MARGIN: Room = { events: 1_000, bytes: 4 * MiB };

/** A delete has three events and a failure at most; so has the workflow task that follows it. */
export const ROOM_OF_DELETE: Room = { events: 6, bytes: 6 * KiB };

/**
 * A file that is uploaded or waited for: what is under way is cancelled, and ends (five events and a task of three), after
 * one more step that this activation has begun and the history does not count yet (the same), and then the file is deleted.
 */
const UNDER_WAY: Room = { events: 20, bytes: 24 * KiB };

/** The options may be in the history some times: as the upload's input, and in the words of failures. */
export function roomOfUpload(options: FileOptions): Room {
  return { events: UNDER_WAY.events, bytes: UNDER_WAY.bytes + 4 * jsonBytes(options) };
}

/** What all open files of the run need. */
const needed = runState(() => ({ ...MARGIN }));

export interface KeptRoom {
  release(): void;
}

/** Keeps room for the clean-up of a file until it is released. */
export function keepRoom({ events, bytes }: Room): KeptRoom {
  const room = needed();
  room.events += events;
  room.bytes += bytes;
  let release = () => {
    room.events -= events;
    room.bytes -= bytes;
    release = () => {};
  };
  return { release: () => release() };
}

/** Whether nothing more may be begun. From then on, a file that is open is to be cleaned up. */
export function isRoomUsed(): boolean {
  const { historyLength, historySize } = workflowInfo();
  const { events, bytes } = needed();
  const used = historyLength + events > LIMIT.events || historySize + bytes > LIMIT.bytes;
  // Called only in this case, so that no other history has the marker. A run of 0.1.0 replays as it ran.
  return used && patched('history-room');
}

export function roomUsedFailure(): ApplicationFailure {
  const { historyLength, historySize } = workflowInfo();
  return toApplicationFailure(
    new UploadFailedError(
      `The workflow's history has no room for more than the clean-up of its files: ${historyLength} events and ` +
        `${historySize} bytes, of ${LIMIT.events} and ${LIMIT.bytes}; check less often, upload fewer files in one ` +
        'workflow, start child workflows, or continue as new',
    ),
  );
}

/** Calls `act` once the room is used, unless `stop` was called before. */
export function onRoomUsed(act: () => void): { stop: () => void } {
  const scope = new CancellationScope();
  scope.run(() => condition(isRoomUsed)).then(act, () => {});
  return { stop: () => scope.cancel() };
}
