/** The MIME type of a file, without parameters: as its source knows it, else by its extension, its content, or its server. */

import { fileTypeFromBuffer } from 'file-type';
import mime from 'mime';
import { InvalidOptionsError } from '../contract/errors.js';
import type { UploadSource } from './upload-source.js';

/** What `file-type` wants to see of a file. */
const SAMPLE_BYTES = 4100;

/** Says no more than that it is a file. */
const ANYTHING = 'application/octet-stream';

/** @throws InvalidOptionsError on `mimeType` where neither the source, the name nor the content tells */
export async function detectMimeType(source: UploadSource): Promise<string> {
  if (source.mimeType) return withoutParameters(source.mimeType);
  const byName = mime.getType(source.name);
  if (byName) return withoutParameters(byName);
  const byContent = await fileTypeFromBuffer(await sample(source));
  if (byContent) return withoutParameters(byContent.mime);
  const byServer = withoutParameters(source.contentType ?? '').toLowerCase();
  if (MIME_TYPE.test(byServer) && byServer !== ANYTHING) return byServer;
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

const MIME_TYPE = /^[a-z0-9!#$&^_.+-]{1,127}\/[a-z0-9!#$&^_.+-]{1,127}$/;

/** Types with parameters were refused when a prompt used the file (provider fact F-STATE-MIME-TYPE). */
const withoutParameters = (type: string) => type.split(';', 1)[0]?.trim() ?? type;
