/** Whether a text is a PDF: the first bytes of one may be text all through, and what is compressed comes later, if there is any. */

import { looksLikeMarkup, looksLikeRefusal } from './text-content.js';

/** The header, in the forms that readers of PDF take, with nothing behind it in its line but a comment or bytes that are not ASCII. */
const HEADER =
  /(?:^|[\r\n])(?:\ufeff|\xef\xbb\xbf)?[ \t]*%(?:!PS-Adobe-[\d.]+ PDF-|PDF-)[\d.]*[ \t]*(?=[\r\n%\x80-\uffff])/;

/** Readers look for the header in so many characters. */
const MAX_START = 1024;

/** The mark of a binary file behind the header, or an object of a PDF anywhere. */
const BODY = /^\s*%[\x80-\uffff]{2}|\b\d{1,10}\s{1,9}\d{1,5}\s{1,9}obj\b|\btrailer\s{0,9}<</;

/** Whether a PDF begins in the text, perhaps behind something else, such as what a mail program has left, but not behind a message. */
export function isTextOfPdf(text: string): boolean {
  const header = HEADER.exec(text);
  if (header === null || header.index >= MAX_START) return false;
  const before = text.slice(0, header.index).trim();
  if (/^[<{[]/.test(before) || looksLikeMarkup(before) !== undefined || looksLikeRefusal(before))
    return false;
  return BODY.test(text.slice(header.index + header[0].length));
}
