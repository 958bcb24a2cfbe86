/** Moves an upload session into what Temporal stores, and back. The only place that decides who may use a stored session. */

import type {
  SourceFingerprint,
  StoredFingerprint,
  UploadHeartbeat,
  UploadTrace,
} from '../contract/activities.js';
import {
  keyFingerprint,
  openSession,
  sealSession,
  type GeminiConnection,
  type ResumePoint,
  type UploadSession,
} from '../gemini/index.js';

/** A session as it may be stored: sealed under the API key, with the key's fingerprint beside it. */
export type StoredSession = Required<Pick<UploadTrace, 'session' | 'keyFingerprint'>>;

export function storedSession(
  session: UploadSession,
  { apiKey }: GeminiConnection,
  name: string,
): StoredSession {
  return { session: sealSession(session, apiKey, name), keyFingerprint: keyFingerprint(apiKey) };
}

/**
 * The stored session, if this connection may use it: it was sealed under the same key for the same file, and its URL is
 * of the connection's origin. Otherwise undefined.
 */
export function usableSession(
  stored: unknown,
  { apiKey, baseUrl }: GeminiConnection,
  name: string,
): UploadSession | undefined {
  const session = typeof stored === 'string' ? openSession(stored, apiKey, name) : undefined;
  return session && new URL(session.url).origin === baseUrl.origin ? session : undefined;
}

/** Where an earlier attempt got to, from its last heartbeat; undefined if it had not opened a session. */
export function resumePoint(
  earlier: UploadHeartbeat | undefined,
  connection: GeminiConnection,
  name: string,
): ResumePoint | undefined {
  if (!earlier?.fingerprint) return undefined;
  const session = usableSession(earlier.session, connection, name);
  const { fingerprint, prefixBytes, prefixSha256, requestBytes } = earlier;
  return {
    ...(session && { session }),
    fingerprint: readFingerprint(fingerprint),
    ...(prefixBytes !== undefined && { prefixBytes }),
    ...(prefixSha256 !== undefined && { prefixSha256 }),
    ...(isBytes(requestBytes) && { requestBytes }),
  };
}

/** A length of anything else would make one that is not a number of the next request. */
function isBytes(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) > 0;
}

/** The fingerprint as a worker of 0.1.0 can read it too: it may take over the upload. */
export function storedFingerprint(fingerprint: SourceFingerprint): StoredFingerprint {
  return { ...fingerprint, mtimeNs: fingerprint.version };
}

function readFingerprint({ sizeBytes, version, mtimeNs }: StoredFingerprint): SourceFingerprint {
  return { sizeBytes, version: version ?? mtimeNs };
}

/** The part of a heartbeat that the clean-up needs. */
export function traceOf(beat: UploadHeartbeat): UploadTrace {
  const { session, finalizing, earlierFinalize, keyFingerprint: fingerprint } = beat;
  return {
    ...(session !== undefined && { session }),
    ...(finalizing && { finalizing }),
    ...(earlierFinalize && { earlierFinalize }),
    ...(fingerprint !== undefined && { keyFingerprint: fingerprint }),
  };
}
