/** Text of others on a terminal: without what would control it, and by the columns that it takes. */

/** Control characters, and the marks that turn the direction of what follows. */
const CONTROL = /[\p{Cc}\u200E\u200F\u202A-\u202E\u2066-\u2069]/gu;

/** `text` on one line, with nothing in it that moves the cursor, colours or reorders. */
export function plainText(text: string): string {
  return text.toWellFormed().replaceAll(CONTROL, '\uFFFD');
}

const graphemes = new Intl.Segmenter(undefined, { granularity: 'grapheme' });
const WIDE =
  /^[\p{Emoji_Presentation}\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\uFF01-\uFF60]/u;

/** How many columns of a terminal the text takes. */
export function displayWidth(text: string): number {
  let columns = 0;
  for (const { segment } of graphemes.segment(text)) columns += WIDE.test(segment) ? 2 : 1;
  return columns;
}

/** The text in so many columns: filled with spaces, or cut. */
export function padTo(text: string, columns: number): string {
  const width = displayWidth(text);
  if (width <= columns) return text + ' '.repeat(columns - width);
  let cut = '';
  let used = 0;
  for (const { segment } of graphemes.segment(text)) {
    used += displayWidth(segment);
    if (used > columns - 1) break;
    cut += segment;
  }
  return padTo(`${cut}…`, columns);
}
