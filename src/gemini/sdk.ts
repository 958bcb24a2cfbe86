/** `@google/genai`, held to the rules of this package: one attempt, no redirects, bounded answers, errors of a kind. */

import type { GoogleGenAI } from '@google/genai';
import { MissingDependencyError } from '../contract/errors.js';
import { GeminiApiError, type Operation } from './api-error.js';
import { errorForAnswer, errorForBreak } from './classify.js';
import {
  assertSendable,
  boundSignal,
  reported,
  reportSuccess,
  REQUEST_TIMEOUT_MS,
  withoutSecrets,
  type GeminiConnection,
} from './connection.js';
import { API_VERSION } from './endpoint.js';
import { MAX_ANSWER_BYTES } from './http.js';

/** The SDK's client for one `operation`. */
export async function sdkFor(
  connection: GeminiConnection,
  operation: Operation,
  signal?: AbortSignal,
): Promise<GoogleGenAI> {
  assertSendable(connection, operation);
  const { GoogleGenAI } = await loadSdk();
  return withoutKeysOfEnvironment(
    () =>
      new GoogleGenAI({
        apiKey: connection.apiKey,
        // Said outright: the SDK would otherwise let the environment switch it to Vertex AI, which has no Files API.
        vertexai: false,
        apiVersion: API_VERSION,
        httpOptions: {
          baseUrl: connection.baseUrl.href.replace(/\/$/, ''),
          apiVersion: API_VERSION,
          fetch: (input: unknown, init?: unknown) =>
            strictFetch(connection, operation, signal, String(input), init as RequestInit),
        },
      }),
  );
}

const KEY_VARIABLES = ['GEMINI_API_KEY', 'GOOGLE_API_KEY'] as const;

/**
 * The SDK looks at the environment's keys also where it is given one, and where there are two it warns, at each request, that it
 * uses the one which it does not use. `make` is synchronous: nobody else sees the environment without them.
 */
function withoutKeysOfEnvironment<T>(make: () => T): T {
  const kept = KEY_VARIABLES.map((name) => [name, process.env[name]] as const);
  for (const name of KEY_VARIABLES) delete process.env[name];
  try {
    return make();
  } finally {
    for (const [name, key] of kept) if (key !== undefined) process.env[name] = key;
  }
}

/** @throws MissingDependencyError where the SDK is not installed */
export async function loadSdk(): Promise<{ GoogleGenAI: typeof GoogleGenAI }> {
  try {
    return await import('@google/genai');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_MODULE_NOT_FOUND') throw error;
    throw new MissingDependencyError(
      'The Gemini SDK is not installed. Install it beside this package: npm install @google/genai',
      { cause: error },
    );
  }
}

async function strictFetch(
  connection: GeminiConnection,
  operation: Operation,
  signal: AbortSignal | undefined,
  input: string,
  init: RequestInit,
): Promise<Response> {
  const hide = (text: string) => withoutSecrets(text, connection);
  const target = { operation, method: init.method ?? 'GET', url: new URL(input), hide };
  let response: Response;
  let body: string;
  try {
    response = await fetch(input, {
      ...init,
      redirect: 'manual',
      signal: boundSignal(connection.requestTimeoutMs ?? REQUEST_TIMEOUT_MS, signal),
    });
    body = await readBounded(response);
  } catch (error) {
    signal?.throwIfAborted();
    throw reported(connection, errorForBreak(target, error));
  }
  if (!response.ok) {
    const headers = Object.fromEntries(response.headers);
    throw reported(connection, errorForAnswer(target, { status: response.status, headers, body }));
  }
  const { status } = response;
  // Deleted is deleted, whatever the answer holds.
  if (operation !== 'delete' && !isJson(body)) {
    const message = `${operation}: ${target.url.origin}${target.url.pathname} answered ${status} with no JSON`;
    throw reported(connection, new GeminiApiError(message, { kind: 'unavailable', operation, status }));
  }
  reportSuccess(connection, operation, status, response.headers.get('date'));
  if (operation === 'delete') return new Response('{}');
  return new Response(body, { status: response.status, headers: response.headers });
}

async function readBounded(response: Response): Promise<string> {
  const decoder = new TextDecoder();
  let text = '';
  let size = 0;
  for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array>) {
    size += chunk.length;
    if (size > MAX_ANSWER_BYTES) throw new Error(`the answer is longer than ${MAX_ANSWER_BYTES} bytes`);
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}

function isJson(body: string): boolean {
  try {
    const value: unknown = JSON.parse(body);
    return typeof value === 'object' && value !== null;
  } catch {
    return false;
  }
}
