/** `models`: a fixed list. A model of any other name can be asked for too, as it can be prompted. */

import { errorReply } from './error-bodies.js';
import { ReplyError, type Reply } from './reply.js';

const MODELS = ['gemini-2.5-flash', 'gemini-2.5-flash-lite', 'gemini-2.5-pro'];

/** All on one page. */
export function listModels(): Reply {
  return { status: 200, body: { models: MODELS.map(describeModel) } };
}

export function getModel(id: string): Reply {
  if (/^[a-z0-9][a-z0-9._-]*$/i.test(id)) return { status: 200, body: describeModel(id) };
  throw new ReplyError(errorReply(404, `models/${id} is not found.`));
}

function describeModel(id: string): object {
  return {
    name: `models/${id}`,
    version: '001',
    displayName: id.replaceAll('-', ' ').replace(/\b[a-z]/g, (letter) => letter.toUpperCase()),
    description: 'A model of the Gemini Files emulator: its answers are fixed.',
    inputTokenLimit: 1_048_576,
    outputTokenLimit: 65_536,
    supportedGenerationMethods: ['generateContent', 'countTokens'],
  };
}
