/** get, delete and list through `@google/genai`, held to the rules of this package: one attempt, no redirects, bounded answers. */

import type { GoogleGenAI } from '@google/genai';
import { MissingDependencyError } from '../contract/errors.js';
import type { GeminiFile } from '../contract/file.js';
import { errorForAnswer, errorForBreak, GeminiApiError, type Operation } from './api-error.js';
import {
  assertSendable,
  boundSignal,
  REQUEST_TIMEOUT_MS,
  withoutSecrets,
  type GeminiConnection,
} from './connection.js';
import { API_VERSION } from './endpoint.js';
import { isFileResource, toGeminiFile } from './file-resource.js';
import { MAX_ANSWER_BYTES } from './http.js';

export interface FilesPage {
  readonly files: readonly GeminiFile[];
  /** Absent on the last page. */
  readonly nextPageToken?: string;
}

/** The file as it is now. @throws GeminiApiError of kind `missing` where the provider has none for this key */
export async function getFile(
  connection: GeminiConnection,
  name: string,
  signal?: AbortSignal,
): Promise<GeminiFile> {
  const sdk = await client(connection, 'get', signal);
  const file: unknown = await sdk.files.get({ name });
  if (isFileResource(file)) return toGeminiFile(file);
  throw new GeminiApiError(`get: ${connection.baseUrl.origin} answered for ${name} without a file in it`, {
    kind: 'unavailable',
    operation: 'get',
  });
}

/** Deletes the file. @throws GeminiApiError of kind `missing` where the provider has none for this key */
export async function deleteFile(
  connection: GeminiConnection,
  name: string,
  signal?: AbortSignal,
): Promise<void> {
  const sdk = await client(connection, 'delete', signal);
  await sdk.files.delete({ name });
}

/** One page of the key's files; no order is promised. @param pageSize - 1 to 100 */
export async function listFiles(
  connection: GeminiConnection,
  { pageSize = 100, pageToken }: { pageSize?: number; pageToken?: string } = {},
  signal?: AbortSignal,
): Promise<FilesPage> {
  const sdk = await client(connection, 'list', signal);
  const pager = await sdk.files.list({ config: { pageSize, ...(pageToken && { pageToken }) } });
  const files = pager.page.filter(isFileResource).map(toGeminiFile);
  const next = pager.params?.config?.pageToken;
  return { files, ...(pager.hasNextPage() && next && { nextPageToken: next }) };
}

async function client(
  connection: GeminiConnection,
  operation: Operation,
  signal?: AbortSignal,
): Promise<GoogleGenAI> {
  assertSendable(connection, operation);
  const { GoogleGenAI } = await loadSdk();
  return new GoogleGenAI({
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
  });
}

async function loadSdk(): Promise<{ GoogleGenAI: typeof GoogleGenAI }> {
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
  const target = { operation, method: init.method ?? 'GET', url: new URL(input) };
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
    throw errorForBreak(target, error);
  }
  if (!response.ok) {
    const headers = Object.fromEntries(response.headers);
    throw errorForAnswer(target, {
      status: response.status,
      headers,
      body: withoutSecrets(body, connection),
    });
  }
  // Deleted is deleted, whatever the answer holds.
  if (operation === 'delete') return new Response('{}');
  if (!isJson(body)) {
    throw new GeminiApiError(
      `${operation}: ${target.url.origin}${target.url.pathname} answered ${response.status} with no JSON`,
      {
        kind: 'unavailable',
        operation,
        status: response.status,
      },
    );
  }
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
