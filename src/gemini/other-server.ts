/** Answers that the Gemini API does not give: the base URL may lead to another server, or to another path of the right one. */

import type { Operation } from '../contract/error-kind.js';
import type { GeminiApiError } from './api-error.js';
import { DEFAULT_BASE_URL } from './endpoint.js';

/** Requests whose address comes from the base URL alone. A session's came from the provider, so the base URL leads there. */
const BY_BASE_URL: ReadonlySet<Operation> = new Set(['start', 'get', 'delete', 'list']);

type Failure = Pick<GeminiApiError, 'operation' | 'ofProvider'> & {
  readonly status?: number | undefined;
  /** Why there was no answer: a status may be that of the proxy, to which the base URL is nothing. */
  readonly cause?: unknown;
};

/**
 * Whether a failure is the answer of a server that does not seem to be the Gemini API: no answer of its own, a redirect, or an address that it
 * does not have. Of other refusals, the provider's front end for uploads also sends some without JSON (provider fact F-UPLOAD-TEXT).
 */
export function isOfOtherServer({ operation, status, ofProvider, cause }: Failure): boolean {
  if (cause !== undefined || ofProvider || !BY_BASE_URL.has(operation)) return false;
  return status !== undefined && (status < 400 || status === 404 || status === 405);
}

export const isGoogles = (baseUrl: URL): boolean => baseUrl.origin === DEFAULT_BASE_URL;

/** What to check, as a sentence after another one. Neither a query nor a password is in it. */
export function otherServerAdvice(baseUrl: URL): string {
  const named = `${baseUrl.origin}${baseUrl.pathname.replace(/\/+$/, '')}`;
  return isGoogles(baseUrl)
    ? `. That is not an answer of the Gemini API: check the proxy or the gateway before ${named}`
    : `. That is not an answer of the Gemini API: check the base URL ${named} (baseUrl, GOOGLE_GEMINI_BASE_URL)`;
}
