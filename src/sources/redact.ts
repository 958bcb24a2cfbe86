/** The part of an error of a user's function that a message may show: the error's own text can contain a signed URL or a header. */

import { hideKeys } from '../contract/show.js';
import { decodeAscii } from '../util/decode-ascii.js';
import { errorMessage } from '../util/error-message.js';

const MAX_LENGTH = 300;

/** The message of whatever was thrown, without URLs, queries and what looks like a secret. */
export function redactedMessage(error: unknown): string {
  const text = redacted(cutAtEncoded(messageOf(error).slice(0, 10 * MAX_LENGTH)))
    // Control characters would write into somebody's terminal.
    .replace(/[\x00-\x1f\x7f-\x9f]+/g, ' ');
  return hideKeys(text).slice(0, MAX_LENGTH).toWellFormed();
}

function redacted(text: string): string {
  return (
    cutAtSecret(text)
      .replace(/[a-z][a-z0-9+.-]*:\/\/\S*/gi, '[URL]')
      .replace(/[?&][^\s&=]+=\S*/g, '[query]')
      .replace(/\b(authorization[\s"':=]+(?:basic|digest)|bearer|negotiate)\b[\s"':=]+\S+/gi, '$1 [hidden]')
      // Not the words themselves: "the basic problem", "digest mismatch".
      .replace(
        /\b([bB](?:asic|ASIC)|[dD](?:igest|IGEST))[\s"':=]+(?=[\w+/=]{8})(?=\S*(?:[\d+/=]|[a-z][A-Z]))\S+/g,
        '$1 [hidden]',
      )
      // "password hunter2", "password was hunter2", but not "password is required".
      .replace(
        /\b(password|passphrase|passwd|pwd)\s+(?:(?:is|was)\s+(?=\S*\d)|(?!(?:is|was)\b))\S+/gi,
        '$1 [hidden]',
      )
      // Of a list of arguments: `["-u","user:password"]`.
      .replace(
        /["'](-u|--[\w-]*(?:user|passw(?:or)?d|passphrase|pass|pwd|token|secret|key))\\?["']\s*,\s*\\?["'][^"']*/gi,
        '$1 [hidden]',
      )
      // Of a command line: `-u user:password`, `--proxy-user user:password`.
      .replace(/(?<![^\s"'])(?:-u(?:\s+\S+|\S*:\S*)|--(?:proxy-)?user[\s=]+\S+)/gi, '-u [hidden]')
      .replace(/(?<!\S)[^\s@:]+:[^\s@]+@\S*/g, '[hidden]')
      // Ids of AWS: keys, roles and users.
      .replace(/\b(?:A3T[A-Z0-9]|A[BCGIKNPRS][A-Z]A)[A-Z0-9]{12,}\b/g, '[hidden]')
      .replace(/[\w+/=.-]{40,}/g, '[hidden]')
  );
}

/** Hides everything from the first word on that has something to hide once it is decoded, such as a URL in the query of another one. */
function cutAtEncoded(text: string): string {
  for (const { 0: word, index } of text.matchAll(/\S+/g)) {
    const plain = decodeAscii(word);
    if (plain !== word && redacted(plain) !== plain) return `${text.slice(0, index)}[hidden]`;
  }
  return text;
}

const SECRET_WORD =
  /sig|token|secret|key|credential|password|passwd|passphrase|pwd|jwt|authorization|cookie|(?:^|[-_])(?:pass|auth|pw)$/i;

/** `dbPass`, `dbPASS` and `PGPASS`, but not `bypass` and `BYPASS`. */
const SECRET_ENDING = /[a-z\d](?:Pass|Auth|Pw)$|(?<!BY|COM|SUR|TRES)PASS$/;

/**
 * Names of headers and of secrets as `withDashes` writes them, in a list, where ordinary words are side by side as a name and its value
 * are: `"foreign_key","users"`, `'signup', 'login'`.
 */
const LISTED_SECRET =
  /(?:password|passwd|passphrase|(?:^|-)(?:pwd|jwt|authorization|cookies?|credentials|sig|signature|[a-z\d]*token|[a-z\d]*secret|(?:account|api|access|auth|master|secret|storage|private|subscription|encryption|signing)-?key)|-(?:credential|pass|pw)|^x-.*(?:key|auth))$/i;

/** `xApiKey`, `APIKey` and `api_key` with a `-` before each further word. */
const withDashes = (name: string) => name.replace(/(?<=[a-z\d])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])|_/g, '-');

/**
 * Names with a value: `name=`, `"name":`, also in JSON within JSON; `"name","value"`, `"name",["value"]` and `"name",1` of a list, but not
 * of arguments, which are shown otherwise; `<name>value`, also with a comment or CDATA; `{"value":"value","name":"name"}`;
 * `name="name" value="value"`, `id="name">value`; `<name>name</name><value>value`.
 */
const NAMED_VALUES = [
  /\b(?:name|id)=\\*["']([\w.-]+)\\*["'](?=[^<>]*\s(?:value|content)=|\s*>)/,
  /<(?:[nN]ame|[kK]ey)>\s*([\w.-]+)\s*(?=<\/(?:[nN]ame|[kK]ey)>\s*<[vV]alue>)/,
  /(?<![\w-])([\w-]+)(?=\\*["']?\s*[=:])/,
  /(?<![\w-])((?!-)[\w-]+)(?=\\*["']\s*,[\s[{]*(?:\\*["']|-?\d))/,
  // This matches the `<` alone: `<name:value>` is not an element, and the pattern of `name:` still has to see it.
  /<(?=(?:[\w.-]+:)?([\w.-]+)(?:\s[^<>]*)?>(?:[^\s<]|\s*(?:<[!?]|[^\s<][^<]*<\/)))/,
  /\{(?=[^{}]*\b[vV]alue\\*["']?\s*:[^{}]*\b(?:[nN]ame|[kK]ey|[hH]eader)\\*["']?\s*:\s*\\*["']([\w-]+)\\*["']\s*[,}])/,
];
const NAMED_VALUE = new RegExp(NAMED_VALUES.map(({ source }) => source).join('|'), 'g');

/** Hides everything from the value of the first name on that may be that of a secret. Linear: a caller chooses part of the text. */
function cutAtSecret(text: string): string {
  for (const { index, ...words } of text.matchAll(NAMED_VALUE)) {
    const listed = words[1] ?? words[2] ?? words[4] ?? words[6];
    const word = listed ?? words[3] ?? words[5] ?? '';
    const isSecret =
      listed === undefined
        ? SECRET_WORD.test(word) || SECRET_ENDING.test(word)
        : SECRET_ENDING.test(listed) || LISTED_SECRET.test(withDashes(listed));
    if (isSecret) return `${text.slice(0, index)}${word}=[hidden]`;
  }
  return text;
}

function messageOf(error: unknown): string {
  try {
    return String(errorMessage(error));
  } catch {
    return 'an error without a message';
  }
}
