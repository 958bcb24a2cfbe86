/** generateContent, streamed and not, and countTokens: fixed answers, once all files of the prompt are ACTIVE. */

import type { Backend } from './backend.js';
import { checkedParts, type Json } from './prompt.js';
import type { Reply } from './reply.js';

export function generateContent(backend: Backend, owner: string, model: string, body: unknown): Reply {
  const parts = checkedParts(backend, owner, body, 'GenerateContentRequest');
  return { status: 200, body: answerOf(backend.options.answer, parts.length, model, 'STOP') };
}

/** The answer in two pieces: as server-sent events with `alt=sse`, else as one list. */
export function streamGenerateContent(
  backend: Backend,
  owner: string,
  model: string,
  body: unknown,
  alt: string | null,
): Reply {
  const parts = checkedParts(backend, owner, body, 'GenerateContentRequest');
  const { answer } = backend.options;
  const middle = answer.indexOf(' ', answer.length / 2) + 1 || answer.length;
  const texts = [answer.slice(0, middle), answer.slice(middle)].filter((text) => text !== '');
  const pieces = texts.map((text, index) =>
    answerOf(text, parts.length, model, index === texts.length - 1 ? 'STOP' : undefined),
  );
  if (alt !== 'sse') return { status: 200, body: pieces };
  return {
    status: 200,
    headers: { 'content-type': 'text/event-stream' },
    body: pieces.map((piece) => `data: ${JSON.stringify(piece)}\r\n\r\n`).join(''),
  };
}

/** A token a part. */
export function countTokens(backend: Backend, owner: string, body: unknown): Reply {
  const prompt = (body as Json | null)?.['generateContentRequest'] ?? body;
  const parts = checkedParts(backend, owner, prompt, 'CountTokensRequest');
  return { status: 200, body: { totalTokens: parts.length } };
}

function answerOf(
  text: string,
  promptTokenCount: number,
  modelVersion: string,
  finishReason?: 'STOP',
): object {
  const candidate = { content: { role: 'model', parts: [{ text }] }, index: 0 };
  return {
    candidates: [{ ...candidate, ...(finishReason && { finishReason }) }],
    usageMetadata: { promptTokenCount, candidatesTokenCount: 1, totalTokenCount: promptTokenCount + 1 },
    modelVersion,
  };
}
