/** Bytes of a value as JSON in UTF-8; 0 if JSON has nothing for it. */
export function jsonBytes(value: unknown): number {
  return new TextEncoder().encode(JSON.stringify(value) ?? '').length;
}
