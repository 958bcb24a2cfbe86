/** Histories from and to the JSON that Temporal's CLI and Web UI export. */

import { createRequire } from 'node:module';
import { historyFromJSON, historyToJSON, type History } from '@temporalio/common/lib/proto-utils.js';
import { toExportedHistory } from './exported-history.js';

/** @throws Error if `json` is not a history, or one whose payloads were decoded */
export function parseHistory(exported: unknown): History {
  const json = toExportedHistory(exported);
  try {
    return historyFromJSON(json);
  } catch (error) {
    if (!isSplit(error)) throw error;
    const { protojson, historyType } = ownCopy();
    return protojson.fromJson(historyType, json, { ignoreUnknownFields: true }) as History;
  }
}

export function formatHistory(history: History): string {
  try {
    return historyToJSON(history);
  } catch (error) {
    if (!isSplit(error)) throw error;
    const { protojson, historyType } = ownCopy();
    return JSON.stringify(protojson.toJson(historyType, historyType.fromObject(history)), null, 2);
  }
}

/**
 * npm gives each of Temporal's packages a protobufjs of its own if another package, as @google/genai does, holds the
 * common place with an older one; @temporalio/common then refuses the types of @temporalio/proto (SDK 1.24).
 */
function isSplit(error: unknown): boolean {
  return error instanceof TypeError && error.message === 'type must be a Type';
}

interface ProtoJson {
  fromJson(type: HistoryType, json: unknown, options: object): unknown;
  toJson(type: HistoryType, message: unknown): unknown;
}

interface HistoryType {
  fromObject(object: object): unknown;
}

/** The JSON conversion of the protobufjs that @temporalio/proto itself uses, and its type of a history. */
function ownCopy(): { protojson: ProtoJson; historyType: HistoryType } {
  const here = createRequire(import.meta.url);
  const common = createRequire(here.resolve('@temporalio/common'));
  const proto = createRequire(common.resolve('@temporalio/proto'));
  const { patchProtobufRoot } = common('@temporalio/proto/lib/patch-protobuf-root') as {
    patchProtobufRoot: (root: unknown) => { lookupType(name: string): HistoryType };
  };
  return {
    protojson: proto('protobufjs/ext/protojson') as ProtoJson,
    historyType: patchProtobufRoot(common('@temporalio/proto')).lookupType('temporal.api.history.v1.History'),
  };
}
