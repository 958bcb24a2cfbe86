/** The activities of the workflows in this folder, beside the package's own. */

import { proxyActivities } from '@temporalio/workflow';
import type { FilePart } from '../../../src/workflow/index.js';

export interface OwnActivities {
  describe(part: FilePart): Promise<string>;
  announce(uri: string): Promise<void>;
}

export const { describe, announce } = proxyActivities<OwnActivities>({ startToCloseTimeout: '1m' });
