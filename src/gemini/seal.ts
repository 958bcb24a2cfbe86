/** A session URL is a bearer secret. Before it is stored, it is sealed under a key that is derived from the API key. */

import { createCipheriv, createDecipheriv, createHash, hkdfSync, randomBytes } from 'node:crypto';
import type { UploadSession } from './upload-protocol.js';

const IV_BYTES = 12;
const TAG_BYTES = 16;
const VERSION = 'v1.';

/** What was derived from an API key. It takes longer to derive than to seal with, and a worker has few keys. */
interface Derived {
  readonly sealKey: Buffer;
  readonly fingerprint: string;
}

/** By the hash of the key: a key that was rotated does not stay in memory. */
const derived = new Map<string, Derived>();
/** A function may bring a new key for each upload. */
const MAX_DERIVED = 100;

function derivedFrom(apiKey: string): Derived {
  const hash = createHash('sha256').update(apiKey).digest('hex');
  const known = derived.get(hash);
  if (known) return known;
  const bytes = (info: string, length: number) =>
    Buffer.from(hkdfSync('sha256', apiKey, 'temporal-gemini-files', info, length));
  const all = {
    sealKey: bytes('upload-session', 32),
    fingerprint: bytes('key-fingerprint', 8).toString('hex'),
  };
  if (derived.size >= MAX_DERIVED) derived.clear();
  derived.set(hash, all);
  return all;
}

/**
 * Tells two API keys apart and reveals neither: 64 bits that are derived from the key. Safe to store in a history.
 *
 * @param apiKey - the key
 */
export function keyFingerprint(apiKey: string): string {
  return derivedFrom(apiKey).fingerprint;
}

/** What messages say of anything else than a fingerprint. */
export const KEY_FINGERPRINT_RULE = 'expected 16 hexadecimal digits';

export function isKeyFingerprint(value: unknown): value is string {
  return typeof value === 'string' && /^[0-9a-f]{16}$/.test(value);
}

/**
 * A session in a form that may be stored: encrypted under a key that is derived from the API key. `openSession` reads it.
 *
 * @param name - the file's name, bound to the seal: a session can't be moved to another file
 * @param session - from `startUpload`
 * @param apiKey - the key that opened it
 */
export function sealSession(session: UploadSession, apiKey: string, name: string): string {
  const iv = randomBytes(IV_BYTES);
  const cipher = createCipheriv('aes-256-gcm', derivedFrom(apiKey).sealKey, iv).setAAD(Buffer.from(name));
  const text = Buffer.concat([cipher.update(JSON.stringify(session), 'utf8'), cipher.final()]);
  return VERSION + Buffer.concat([iv, cipher.getAuthTag(), text]).toString('base64url');
}

/**
 * The session that `sealSession` has sealed.
 *
 * @param sealed - from `sealSession`
 * @param apiKey - the key that sealed it
 * @param name - the file that the session is for
 * @returns undefined if it was sealed under another key or name, or is not a seal: the upload starts over
 */
export function unsealSession(sealed: string, apiKey: string, name: string): UploadSession | undefined {
  if (!sealed.startsWith(VERSION)) return undefined;
  const bytes = Buffer.from(sealed.slice(VERSION.length), 'base64url');
  try {
    const iv = bytes.subarray(0, IV_BYTES);
    const decipher = createDecipheriv('aes-256-gcm', derivedFrom(apiKey).sealKey, iv, {
      authTagLength: TAG_BYTES,
    })
      .setAAD(Buffer.from(name))
      .setAuthTag(bytes.subarray(IV_BYTES, IV_BYTES + TAG_BYTES));
    const text = Buffer.concat([decipher.update(bytes.subarray(IV_BYTES + TAG_BYTES)), decipher.final()]);
    const session = JSON.parse(text.toString('utf8')) as UploadSession;
    return URL.canParse(session.url) && session.granularity > 0 ? session : undefined;
  } catch {
    return undefined;
  }
}
