/** Names of files, as the provider shows them. */

import { removeUnprintable } from '../contract/source.js';

/** Zero-width characters that no script needs: U+200C and U+200D, which Persian and emoji need, stay. */
const INVISIBLE = /[\u200b\u2060\ufeff]/g;

/** The text without what no name should have: characters that do not print, and halves of characters. */
export function fileName(text: string): string {
  return removeUnprintable(text).replace(INVISIBLE, '').toWellFormed();
}

/** The last segment of a key. */
export function keyName(key: string): string {
  return fileName(
    key
      .split('/')
      .filter((segment) => segment !== '')
      .at(-1) ?? key,
  );
}
