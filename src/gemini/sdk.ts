/** `@google/genai` over this package's HTTP layer: one attempt, no redirects, bounded answers, `GeminiApiError`s. */

import type { GoogleGenAI } from '@google/genai/web';
import type { Operation } from '../contract/error-kind.js';
import { MissingDependencyError } from '../contract/errors.js';
import { assertSendable, type GeminiConnection } from './connection.js';
import { API_VERSION } from './endpoint.js';
import { sendUploadRequest } from './exchange.js';
import type { HttpRequest } from './http.js';

/** The SDK's client for one `operation`. */
export async function sdkFor(
  connection: GeminiConnection,
  operation: Operation,
  signal?: AbortSignal,
): Promise<GoogleGenAI> {
  assertSendable(connection, operation);
  const { GoogleGenAI } = await loadSdk();
  return new GoogleGenAI({
    apiKey: connection.apiKey,
    vertexai: false,
    apiVersion: API_VERSION,
    httpOptions: {
      baseUrl: connection.baseUrl.href.replace(/\/$/, ''),
      apiVersion: API_VERSION,
      fetch: (input: unknown, init?: unknown) =>
        fetchFromProvider(connection, operation, signal, String(input), init as RequestInit),
    },
  });
}

/**
 * The SDK's entry point for browsers: the same client, but it never reads the environment. The one for Node.js takes keys, a
 * base URL and a switch to Vertex AI from there (provider fact F-NETWORK-SDK-ENVIRONMENT), and warns on the console about keys
 * that it does not use.
 *
 * @throws MissingDependencyError if the SDK is not installed
 */
export async function loadSdk(): Promise<{ GoogleGenAI: typeof GoogleGenAI }> {
  try {
    return await import('@google/genai/web');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_MODULE_NOT_FOUND') throw error;
    throw new MissingDependencyError(
      'The Gemini SDK is not installed. Install it beside this package: npm install @google/genai (on Node.js 20: ' +
        '@google/genai@2). With npx: npx -p temporal-gemini-files -p @google/genai -- temporal-gemini-files …',
      { cause: error },
    );
  }
}

/** `fetch` as the SDK calls it. */
async function fetchFromProvider(
  connection: GeminiConnection,
  operation: Operation,
  signal: AbortSignal | undefined,
  input: string,
  { method, headers, body }: RequestInit,
): Promise<Response> {
  const content = typeof body === 'string' ? Buffer.from(body) : undefined;
  const answer = await sendUploadRequest(connection, operation, new URL(input), signal, {
    method: method as HttpRequest['method'],
    headers: Object.fromEntries(new Headers(headers)),
    ...(content && { body: [content] }),
    contentLength: content?.length ?? 0,
    refuse: operation === 'delete' ? notDeleted : notObject,
  });
  return new Response(answer.body, { headers: { 'content-type': 'application/json' } });
}

function notObject(body: string): string | undefined {
  return parseObject(body) ? undefined : 'with no JSON';
}

/** The provider answers a delete with `{}` (provider fact F-DELETE-ANSWER). Anything else, such as a login page, comes from somebody on the way to it. */
function notDeleted(body: string): string | undefined {
  const answer = parseObject(body);
  return answer && Object.keys(answer).length === 0 ? undefined : 'without the {} of a delete';
}

function parseObject(body: string): object | undefined {
  try {
    const value: unknown = JSON.parse(body);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
