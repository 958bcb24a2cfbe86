/** What Temporal does not take in one payload is refused in time: later it would block the workflow task for ever. */

import { jsonBytes } from '../util/json-bytes.js';
import { patched } from '@temporalio/workflow';
import type { ActivityOverrides } from './activity-overrides.js';
import { invalidOption } from '../contract/invalid-option.js';

/** Temporal's 2 MiB, less some room for what a user's codec adds, such as one that encrypts. */
export const MAX_PAYLOAD_BYTES = 2_000_000;

/** Each activity's event contains them, and so does the input of a wait that continues as new. */
const MAX_OVERRIDES_BYTES = 4096;

/** Whether a value that is too long is refused. 0.1.0 accepted it, and a run of 0.1.0 has to replay. */
export const isRefused = () => patched('payloads-bounded');

/** @throws InvalidOptionsError if the overrides are too long as JSON, or cannot be written as JSON */
export function checkOverridesSize(overrides: ActivityOverrides): void {
  let bytes;
  try {
    bytes = jsonBytes(overrides);
  } catch {
    if (!isRefused()) return;
    throw invalidOption('activityOptions', 'expected what JSON can hold');
  }
  if (bytes > MAX_OVERRIDES_BYTES && isRefused()) {
    throw invalidOption(
      'activityOptions',
      `expected at most ${MAX_OVERRIDES_BYTES} bytes as JSON, got ${bytes}`,
    );
  }
}
