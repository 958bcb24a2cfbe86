import { keyFingerprint } from '../gemini/index.js';

/**
 * Whether `apiKey` is another key than the one that uploaded the file. The key of another project sees other files
 * (provider fact F-GET-OTHER-KEY), so its denial of the file proves nothing.
 *
 * @param uploadedBy - fingerprint of the key that uploaded the file; undefined if it is not known
 */
export function isOtherKey(uploadedBy: string | undefined, apiKey: string): boolean {
  return uploadedBy !== undefined && keyFingerprint(apiKey) !== uploadedBy;
}
