/** The part of an error of a user's function that a message may show: the error's own text can contain a signed URL or a header. */

import { hideKeys } from '../contract/show.js';
import { errorMessage } from '../util/error-message.js';

const MAX_LENGTH = 300;

/** The message of whatever was thrown, without URLs, queries and what looks like a secret. */
export function redactedMessage(error: unknown): string {
  const text = cutAtSecret(messageOf(error).slice(0, 10 * MAX_LENGTH))
    .replace(/[a-z][a-z0-9+.-]*:\/\/\S*/gi, '[URL]')
    .replace(/[?&][^\s&=]+=\S*/g, '[query]')
    .replace(/[\w+/=.-]{40,}/g, '[hidden]')
    // Control characters would write into somebody's terminal.
    .replace(/[\x00-\x1f\x7f-\x9f]+/g, ' ');
  return hideKeys(text).slice(0, MAX_LENGTH).toWellFormed();
}

const SECRET_WORD = /sig|token|secret|key|credential|password|authorization|cookie/i;

/** Hides everything from the value of the first name on that may be that of a secret. Linear: a caller chooses part of the text. */
function cutAtSecret(text: string): string {
  for (const { 1: word = '', index } of text.matchAll(/(?<![\w-])([\w-]+)["']?\s*[=:]/g))
    if (SECRET_WORD.test(word)) return `${text.slice(0, index)}${word}=[hidden]`;
  return text;
}

function messageOf(error: unknown): string {
  try {
    return String(errorMessage(error));
  } catch {
    return 'an error without a message';
  }
}
