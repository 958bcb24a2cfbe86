/** Headers that a user adds to the requests of a source. */

import { isRecord } from '../util/is-record.js';

/** Headers that belong to the reader: they decide what is asked for and how the connection is used. */
const OWN =
  /^(accept-encoding|connection|content-.*|expect|host|if-.*|keep-alive|proxy-.*|range|te|trailer|transfer-encoding|upgrade)$/i;

/** What was expected in place of `headers`; undefined if they can be sent. */
export function headersMismatch(headers: unknown): string | undefined {
  if (!isRecord(headers)) return 'expected an object of headers';
  for (const [name, value] of Object.entries(headers)) {
    // A name can be a secret too, where someone has mixed up the two.
    if (!/^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}$/.test(name)) return 'expected names that a header can have';
    if (OWN.test(name)) return `expected no header ${name}: the reader sets it`;
    if (typeof value !== 'string' || value.length > 8192 || !/^[\t\x20-\x7e]*$/.test(value)) {
      return 'expected each value to be a string of printable ASCII characters';
    }
  }
  return undefined;
}
