/** Names of files, as the provider shows them. */

/** The text without what no name should have: control characters, and halves of characters. */
export function fileName(text: string): string {
  return text.replace(/[\x00-\x1f\x7f-\x9f\u2028\u2029]/g, '').toWellFormed();
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
