/** The MIME type of a file: by its extension, else by its content. Each answer comes from a library, without parameters. */

import { fileTypeFromBuffer } from 'file-type';
import mime from 'mime';
import { InvalidOptionsError } from '../contract/errors.js';
import type { UploadSource } from './upload-source.js';

/** What `file-type` wants to see of a file. */
const SAMPLE_BYTES = 4100;

/** @throws InvalidOptionsError on `mimeType` where neither the name nor the content tells */
export async function detectMimeType(source: UploadSource): Promise<string> {
  const byName = mime.getType(source.name);
  if (byName) return withoutParameters(byName);
  const byContent = await fileTypeFromBuffer(await sample(source));
  if (byContent) return withoutParameters(byContent.mime);
  throw new InvalidOptionsError(
    `Invalid option mimeType: neither the name nor the content of ${source.label} tells its type; give mimeType, got undefined`,
  );
}

async function sample(source: UploadSource): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of source.read(0, Math.min(SAMPLE_BYTES, source.sizeBytes)))
    chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks);
}

/** Types with parameters were refused when a prompt used the file (provider fact F-STATE-MIME-TYPE). */
const withoutParameters = (type: string) => type.split(';', 1)[0]?.trim() ?? type;
