/** The provider's File resource, normalised. */

import { isFileName } from '../contract/file-name.js';
import { fileState, type GeminiFile } from '../contract/file.js';

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null;
const text = (value: unknown): string => (typeof value === 'string' ? value : '');

/** Whether `value` is usable as a File resource at all. */
export function isFileResource(value: unknown): value is Record<string, unknown> & { name: string } {
  return isRecord(value) && isFileName(value.name);
}

/**
 * @param resource - the JSON of a File (provider facts F-STATE-SIZE and F-STATE-HASH)
 * @param hide - hides secrets in the server's texts
 */
export function toGeminiFile(
  resource: Record<string, unknown> & { name: string },
  hide: (text: string) => string,
): GeminiFile {
  const error = isRecord(resource.error) ? resource.error : undefined;
  return {
    name: resource.name,
    uri: hide(text(resource.uri)),
    state: fileState(text(resource.state)),
    mimeType: hide(text(resource.mimeType)),
    sizeBytes: Number(resource.sizeBytes ?? 0),
    sha256: decodeSha256(text(resource.sha256Hash)),
    displayName: hide(text(resource.displayName)),
    createTime: hide(text(resource.createTime)),
    updateTime: hide(text(resource.updateTime)),
    expirationTime: hide(text(resource.expirationTime)),
    ...(error && {
      error: {
        ...(typeof error.code === 'number' && { code: error.code }),
        ...(typeof error.message === 'string' && {
          message: hide(error.message).slice(0, 500).toWellFormed(),
        }),
      },
    }),
  };
}

const HEX = /^[0-9a-f]{64}$/;

/**
 * SHA-256 in lower-case hex. The live API sends base64 of the hex text (provider fact F-STATE-HASH), not of the 32 bytes as
 * its documentation reads; both are taken, and plain hex too. Anything else: an empty string.
 */
export function decodeSha256(hash: string): string {
  if (HEX.test(hash.toLowerCase())) return hash.toLowerCase();
  const bytes = Buffer.from(hash, 'base64');
  const inner = bytes.toString('latin1').toLowerCase();
  if (HEX.test(inner)) return inner;
  return bytes.length === 32 ? bytes.toString('hex') : '';
}
