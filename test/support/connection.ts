/** A connection to an emulator, and a file's name, for tests that need no more of Temporal's packages than the code under test. */

import { parseBaseUrl, type GeminiConnection } from '../../src/gemini/index.js';

export const KEY = 'AIza-test-key-of-many-characters';
export const NAME = 'files/3f0e9c1a-0000-4000-8000-000000000001';

export function connectionTo(
  url: string,
  more: Partial<Omit<GeminiConnection, 'baseUrl'>> = {},
): GeminiConnection {
  return { baseUrl: parseBaseUrl(url), apiKey: KEY, ...more };
}
