/** API keys: where they stand in a request, which are valid, and the owner that each stands for. */

import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { apiKeyInvalid, unregisteredCaller } from './error-bodies.js';
import { ReplyError } from './reply.js';

/** The owner for `apiKey`: a digest, so that no key is kept. */
export function ownerOf(apiKey: string): string {
  return createHash('sha256').update(`owner:${apiKey}`).digest('hex').slice(0, 16);
}

/** The owner that the request speaks for, by `x-goog-api-key` or `?key=`. Throws the provider's answers for none and for a bad one. */
export function authenticate(
  request: IncomingMessage,
  query: URLSearchParams,
  validKeys: readonly string[] | undefined,
): string {
  const header = request.headers['x-goog-api-key'];
  const apiKey = (typeof header === 'string' && header) || query.get('key');
  if (!apiKey) throw new ReplyError(unregisteredCaller());
  if (validKeys && !validKeys.includes(apiKey)) throw new ReplyError(apiKeyInvalid());
  return ownerOf(apiKey);
}
