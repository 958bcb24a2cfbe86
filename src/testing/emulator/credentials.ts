/** API keys: where they are in a request, which are valid, and the owner of each. */

import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { apiKeyInvalid, unregisteredCaller } from './error-bodies.js';

/** The keys of one project: one, or several that see the same files. */
export type Project = string | readonly string[];

/** The owner for `apiKey`: a digest of its project's first key, so that no key is kept. */
export function ownerOf(apiKey: string, projects: readonly Project[] = []): string {
  const [first = apiKey] = projectOf(apiKey, projects) ?? [];
  return createHash('sha256').update(`owner:${first}`).digest('hex').slice(0, 16);
}

function projectOf(apiKey: string, projects: readonly Project[]): readonly string[] | undefined {
  return projects.map((project) => [project].flat()).find((keys) => keys.includes(apiKey));
}

/** The owner that the request speaks for, by `x-goog-api-key` or `?key=` (provider fact F-NETWORK-KEY). Throws the provider's answers for none and for a bad one. */
export function authenticate(
  request: IncomingMessage,
  query: URLSearchParams,
  projects: readonly Project[] | undefined,
): string {
  const header = request.headers['x-goog-api-key'];
  const apiKey = (typeof header === 'string' && header) || query.get('key');
  if (!apiKey) throw unregisteredCaller();
  if (projects && !projectOf(apiKey, projects)) throw apiKeyInvalid();
  return ownerOf(apiKey, projects);
}
