import type { FileState, GeminiFile } from '../../contract/file.js';
import { allFiles } from '../../gemini/all-files.js';
import { connectProvider } from '../command-context.js';
import { EXIT } from '../exit.js';
import { colourFor } from '../terminal/colour.js';
import { columns } from '../terminal/columns.js';
import { formatBytes, formatTime } from '../terminal/format.js';
import { installInterruptHandler } from '../terminal/interrupt.js';
import { createOutput } from '../terminal/output.js';

export interface ListFlags {
  readonly state?: FileState;
  readonly credentials?: string;
  readonly config?: string;
  readonly json?: boolean;
}

export async function list({ state, credentials, config, json = false }: ListFlags): Promise<number> {
  const output = createOutput(json);
  const connection = await connectProvider({ config, credentials });
  using interrupt = installInterruptHandler();
  const files: GeminiFile[] = [];
  const read = async () => {
    for await (const file of allFiles(connection, interrupt.signal))
      if (state === undefined || file.state === state) files.push(file);
  };
  await interrupt.race(read());
  files.sort((a, b) => a.expirationTime.localeCompare(b.expirationTime) || a.name.localeCompare(b.name));
  output.result(files, toTable(files));
  if (files.length === 0 && !json) output.say(state === undefined ? 'No files.' : `No files are ${state}.`);
  return EXIT.done;
}

function toTable(files: readonly GeminiFile[]): string[] {
  const rows = files.map(({ name, displayName, mimeType, sizeBytes, state, expirationTime }) => [
    ...[name, displayName, mimeType, formatBytes(sizeBytes), state],
    expirationTime && formatTime(expirationTime),
  ]);
  const header = ['NAME', 'DISPLAY NAME', 'TYPE', 'SIZE', 'STATE', 'EXPIRES'];
  return columns(header, rows, colourFor(process.stdout));
}
