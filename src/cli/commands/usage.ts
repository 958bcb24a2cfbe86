import { storageUsage, type StorageUsage } from '../../gemini/index.js';
import { connectProvider } from '../command-context.js';
import { EXIT } from '../exit.js';
import { installInterruptHandler } from '../terminal/interrupt.js';
import { shareOf } from '../storage-share.js';
import { formatTime } from '../terminal/format.js';
import { createOutput, table } from '../terminal/output.js';

export interface UsageFlags {
  readonly credentials?: string;
  readonly config?: string;
  readonly json?: boolean;
}

export async function usage({ credentials, config, json = false }: UsageFlags): Promise<number> {
  const output = createOutput(json);
  const connection = await connectProvider({ config, credentials });
  using interrupt = installInterruptHandler();
  const used = await interrupt.race(storageUsage(connection, interrupt.signal));
  output.result(used, table(rows(used)));
  return EXIT.done;
}

function rows({ files, bytes, quotaBytes, processing, failed, oldestExpirationTime }: StorageUsage) {
  return [
    ['files', files],
    ['in use', shareOf({ bytes, quotaBytes })],
    ['processing', processing],
    ['failed', failed],
    ['next expires', oldestExpirationTime && formatTime(oldestExpirationTime)],
  ] as const;
}
