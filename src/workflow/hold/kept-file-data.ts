/** The file of a hold as data: what one run of the holder hands to the next. */

import { workflowInfo } from '@temporalio/workflow';
import type { CarriedUpload } from '../carried-upload.js';
import { toCarriedWait, type CarriedWait, type WaitState } from '../wait-state.js';
import type { HeldFilesData } from './held-files.js';
import type { Renewal } from './renewal.js';

/** An upload that one run hands to the next: in its wait until the file is ACTIVE, or before. */
export type ParkedUpload =
  | { readonly wait: WaitState; readonly upload?: undefined }
  | { readonly upload: CarriedUpload; readonly wait?: undefined };

/** The file as data: what one run hands to the next. */
export interface KeptFileData {
  readonly files: HeldFilesData;
  readonly renewal: Renewal;
  /** Whether the file is to be checked before it is handed out. */
  readonly check?: true;
  /** The open wait of an upload. */
  readonly wait?: CarriedWait;
  /** An open upload. To a sweep, which finds it by that, it is an open wait of its file. */
  readonly upload?: {
    readonly runId: string;
    readonly state: { readonly file: { readonly name: string }; readonly upload: CarriedUpload };
  };
}

/** @param parked - the upload that the next run goes on with */
export function toKeptFileData(
  data: Pick<KeptFileData, 'files' | 'renewal'> & { readonly isCheckWanted: boolean },
  parked?: ParkedUpload,
): KeptFileData {
  const { files, renewal, isCheckWanted } = data;
  const { wait, upload } = parked ?? {};
  return {
    files,
    renewal,
    ...(isCheckWanted && { check: true }),
    ...(wait && { wait: toCarriedWait(wait) }),
    ...(upload && {
      upload: { runId: workflowInfo().runId, state: { file: { name: upload.name }, upload } },
    }),
  };
}
