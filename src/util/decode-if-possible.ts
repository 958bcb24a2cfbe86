/** `text` percent-decoded; as it is if it has a `%` that begins no escape of UTF-8. */
export function decodeIfPossible(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
