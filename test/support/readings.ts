/** What a text on the wire may say: headers and URLs carry characters beside ASCII, line breaks and quotes in other forms only. */

import { decodeIfPossible } from '../../src/util/decode-if-possible.js';

/** Node.js reads the bytes of a header as Latin-1. */
const asUtf8 = (text: string) => Buffer.from(text, 'latin1').toString('utf8');
/** Long enough to be no word of a protocol. */
const BASE64 = /[A-Za-z0-9+/_-]{6,}={0,2}/g;
const fromBase64 = (text: string) =>
  [...text.matchAll(BASE64)].map(([part]) => Buffer.from(part, 'base64').toString('utf8')).join(' ');

/** The text as it stands, as UTF-8, percent-decoded and from Base64, also one in the other. */
function readings(text: string): string[] {
  const decoded = [text, decodeIfPossible(text)].flatMap((one) => [one, asUtf8(one)]);
  return [...decoded, ...decoded.map(fromBase64)].map((one) => one.toLowerCase());
}

/** The words of `name` that `text` mentions, in whatever form. */
export function mentioned(text: string, name: string): string[] {
  const words = name.toLowerCase().split(/[^\p{L}\p{N}\p{Emoji_Presentation}]+/u);
  const all = readings(text);
  return words.filter((word) => word.length > 1 && all.some((one) => one.includes(word)));
}
