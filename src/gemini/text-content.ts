/** Whether the first bytes of a file are text, and what text that is. */

/** What a checkout without Git LFS has in place of a file. */
export const LFS_POINTER = /^version https:\/\/git-lfs\.github\.com\/spec\/v1\s/;

/** Control characters that no text has; tabs, line ends, form feeds and escape sequences it may have. */
const CONTROL = /[\x00-\x06\x0e-\x1a\x1c-\x1f\x7f]/;

/** The text; undefined if the bytes are not text in UTF-8, or in UTF-16 with its mark. @param whole - whether the file has no more bytes */
export function asText(sample: Uint8Array, whole: boolean): string | undefined {
  const [first, second] = sample;
  if (first === 0xff && second === 0xfe) return decode('utf-16le', sample, whole);
  if (first === 0xfe && second === 0xff) return decode('utf-16be', sample, whole);
  return decode('utf-8', sample, whole);
}

/** Characters that are unassigned, or for private use, as the bullets of Word are. */
const MEANINGLESS = /[\p{Cn}\p{Co}]/gu;

/** The most of them that a message of a server has, as a share of its characters. */
const MOST_MEANINGLESS = 1 / 20;

/**
 * Whether the text has too many characters without a meaning to be a message. Almost any two bytes are a valid character of UTF-16, so
 * binary content that happens to begin with a byte order mark also decodes.
 */
export function isArbitrary(text: string): boolean {
  return (text.match(MEANINGLESS)?.length ?? 0) > [...text].length * MOST_MEANINGLESS;
}

/** Bytes without a meaning in Windows-1252. It has characters in place of the upper control characters of Latin-1. */
const UNASSIGNED = /[\x81\x8d\x8f\x90\x9d]/;

/** The text in Latin-1 or Windows-1252, most of it ASCII; undefined if the bytes are none. Few bytes can be such a text by chance. */
export function asLatin1(sample: Uint8Array): string | undefined {
  const text = Buffer.from(sample).toString('latin1');
  if (text === '' || CONTROL.test(text) || UNASSIGNED.test(text)) return undefined;
  return countOthers(text) < text.length / 4 ? text : undefined;
}

/** Of random content, less than one in 10^8 of this length, with one byte in as many that is not ASCII, is text by chance. */
const SURE_BYTES = 24;

/** From this length on, the same is true of all that `asLatin1` takes. */
const MANY_BYTES = 64;

/** The same, undefined as well for what binary content could be by chance. */
export function asSureLatin1(sample: Uint8Array): string | undefined {
  const text = asLatin1(sample);
  if (text === undefined || /[\x07\x08\x1b]/.test(text)) return undefined;
  const isSure = text.length >= MANY_BYTES || countOthers(text) <= text.length / SURE_BYTES;
  return isSure ? text : undefined;
}

/** Characters beside ASCII. */
const countOthers = (text: string) => text.match(/[\x80-\xff]/g)?.length ?? 0;

function decode(encoding: string, sample: Uint8Array, whole: boolean): string | undefined {
  try {
    // A character may be cut at the end of the sample: `stream` leaves it out.
    const text = new TextDecoder(encoding, { fatal: true }).decode(sample, { stream: !whole });
    return text === '' || CONTROL.test(text) ? undefined : text;
  } catch {
    return undefined;
  }
}

type WrongContent = 'lfs' | 'html' | 'xml' | 'json' | 'text';

/** A page or an answer of a server that was stored in place of a file. */
export function looksLikeMarkup(text: string): 'html' | 'xml' | 'json' | undefined {
  const start = text.trimStart().slice(0, 2000);
  if (/^(<!--[^]*?-->\s*)?<(!doctype html|html|head|body)\b/i.test(start)) return 'html';
  if (/^<\?xml\b/i.test(start)) return 'xml';
  return /^[{[]\s*("(?:[^"\\]|\\.)*"\s*:|[{[])/.test(start) ? 'json' : undefined;
}

/** Words that a server or a program uses to say that there is no file. */
const REFUSAL =
  /\b(error|fail(ed|ure)?|exception|denied|forbidden|unauthori[sz]ed|not (found|allowed|acceptable|available)|no such|nosuch\w+|accessdenied|does not exist|cannot|could not|unable to|invalid|bad (request|gateway)|expired|time-?out|timed out|too many requests|rate limit|unavailable|unhealthy|no healthy|log ?in|sign in)\b/i;

/** Words that stand in a refusal, and in a name as well. */
const WEAK_REFUSAL = /\b(limit|quota|backend|null|undefined|none|nan|nil|ok|true|false)\b/i;

/** A status of HTTP other than a success, at the beginning. */
const STATUS = /^(HTTP\/[\d.]+ )?[345]\d\d\b/;

/** An address, a list of addresses, or a tag, in place of what it leads to. */
const REFERENCE = /^(https?:\/\/|data:|[#<])/i;

/** The first bytes of MP4, ID3, RIFF, PNG, JPEG, GIF, PDF, Ogg, Matroska and FLAC in Base64: a file that nobody decoded. */
const BASE64 = /^(AAAA..Z0eX|SUQz|UklGR|iVBORw|\/9j\/|R0lGOD|JVBERi|T2dnUw|GkXfo|ZkxhQ)/;

/** Letters of another alphabet or with accents: no stand-in. */
const OTHER_LETTERS = /[^\P{L}a-z]/iu;

/** The beginning of a sentence, a sentence's end, or more than a few words. */
const SENTENCE = /^\p{Lu}\S*\s+\S|\S[.!?]$|^\S+(\s+\S+){15}/u;

const MESSAGES = [REFUSAL, WEAK_REFUSAL, STATUS, REFERENCE, BASE64, OTHER_LETTERS, SENTENCE];

/** Whether the text has words of a refusal, other than those that stand in names as well. */
export const hasRefusal = (text: string): boolean => REFUSAL.test(text);

/** The same of a text that may begin with a status, too. */
export const looksLikeRefusal = (text: string): boolean => hasRefusal(text) || STATUS.test(text);

/**
 * Whether the text is a message or a document. Anything else may be a stand-in, as tests use it.
 *
 * @param whole - whether the file has no more characters
 */
export function looksLikeMessage(text: string, whole: boolean): boolean {
  if (isRepetition(text, whole)) return false;
  const words = text.trim();
  const hasLines = /\S\s*\n/.test(text);
  return hasLines || MESSAGES.some((form) => form.test(words));
}

/** The longest unit that is looked for, in characters. */
const MAX_UNIT = 64;

/** Whether the text repeats one short unit, as the content of a file that only has to be so long. */
function isRepetition(text: string, whole: boolean): boolean {
  // The last character of a sample may be cut.
  const compared = whole ? text : text.slice(0, -1);
  for (let unit = 1; unit <= MAX_UNIT && unit * 2 <= compared.length; unit += 1)
    if (compared.slice(unit) === compared.slice(0, -unit)) return true;
  return false;
}

const FOUND: Readonly<Record<Exclude<WrongContent, 'lfs'>, string>> = {
  html: 'an HTML page, perhaps an error page that was downloaded',
  xml: 'an XML document, perhaps the error of a server',
  json: 'a JSON document, perhaps the error of a server',
  text: 'text',
};

/** What is wrong, after the file's name in a sentence. */
export function describeWrongContent(content: WrongContent, named: string | undefined): string {
  if (content === 'lfs')
    return 'is a pointer of Git LFS, not the file itself: run `git lfs pull`, or give mimeType to upload the pointer';
  return `is ${named} by its name, but its content is ${FOUND[content]}; give mimeType to upload it as it is`;
}

/** The same of a file that is not text. */
export function describeWrongType(named: string, shown: string): string {
  return `is ${named} by its name, but its content is ${shown}; rename it, or give mimeType to upload it as it is`;
}
