/** What may be told of an error that a user's function threw: a message can hold a signed URL, or a header. */

import { hideKeys } from '../contract/show.js';
import { errorMessage } from '../util/error-message.js';

const MAX_LENGTH = 300;

/** The message of whatever was thrown, without URLs, queries and what looks like a secret. */
export function redactedMessage(error: unknown): string {
  const text = messageOf(error)
    .slice(0, 10 * MAX_LENGTH)
    .replace(/[a-z][a-z0-9+.-]*:\/\/\S*/gi, '[URL]')
    .replace(/[?&][^\s&=]+=\S*/g, '[query]')
    .replace(
      /\b([\w-]*(?:sig|signature|token|secret|key|credential|password|authorization|cookie)[\w-]*)["']?\s*[=:].*/gi,
      '$1=[hidden]',
    )
    .replace(/[\w+/=.-]{40,}/g, '[hidden]')
    // Control characters would write into somebody's terminal.
    .replace(/[\x00-\x1f\x7f-\x9f]+/g, ' ');
  return hideKeys(text).slice(0, MAX_LENGTH).toWellFormed();
}

function messageOf(error: unknown): string {
  try {
    return String(errorMessage(error));
  } catch {
    return 'an error without a message';
  }
}
