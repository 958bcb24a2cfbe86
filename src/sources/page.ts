/** Login pages: a server that wants a password often answers 200 with a page in place of the file. */

import { SourceError } from '../contract/errors.js';
import { typeOfEnding } from '../gemini/name-type.js';
import { asText, looksLikeMarkup } from '../gemini/text-content.js';

/**
 * @param name - the file's name
 * @param expected - the MIME type that the input names, or else the one that the file's source reported
 * @throws SourceError if the answer is an HTML page and the file is not expected to be one
 */
export function assertNoPage(
  what: string,
  contentType: string | undefined,
  name: string,
  expected: string | undefined,
  redirected: boolean,
): void {
  if (!/^\s*(text\/html|application\/xhtml\+xml)\b/i.test(contentType ?? '')) return;
  const type = expected ?? typeOfEnding(name);
  // Without an extension, a page is what a page's URL gives, unless the URL led to another one.
  if (type === undefined ? !redirected : isPageType(type)) return;
  throw pageInPlace(what);
}

/**
 * The same by the first bytes, for a server that does not name the type.
 *
 * @param expected - the MIME type that the input names
 * @throws SourceError
 */
export function assertNoPageIn(what: string, firstBytes: Uint8Array, expected: string): void {
  const text = asText(firstBytes, false) ?? Buffer.from(firstBytes).toString('latin1');
  if (looksLikeMarkup(text) === 'html' && !isPageType(expected)) throw pageInPlace(what);
}

const isPageType = (type: string) => /html/i.test(type);

const pageInPlace = (what: string) =>
  new SourceError(`${what} answered with an HTML page in place of the file, such as a login page`);
