/** The text with each ASCII character in place of its `%XX`, however often that was encoded. Never throws. */
export function decodeAscii(text: string): string {
  return text.replace(/%(?:25)*([0-7][0-9a-f])/gi, (_, digits: string) =>
    String.fromCharCode(parseInt(digits, 16)),
  );
}
