/** What every example is given. `run.ts` makes it; yours would be a few lines of your own program. */

import type { Client } from '@temporalio/client';
import type { NativeConnection } from '@temporalio/worker';
import type { GeminiFilesOptions } from 'temporal-gemini-files/worker';

export interface World {
  readonly client: Client;
  /** For workers. */
  readonly connection: NativeConnection;
  /** Key, base URL and folders, for the workers' plugin. */
  readonly gemini: GeminiFilesOptions;
}
