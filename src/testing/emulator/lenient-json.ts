/** The provider's JSON parser takes single-quoted strings: its own notebook sends `{'file': {'display_name': …}}`. */

const STRINGS = /"(?:[^"\\]|\\.)*"|'((?:[^'\\]|\\.)*)'/gs;

/** Throws a SyntaxError for what is no JSON even so. An empty text is `{}`. */
export function parseLenientJson(text: string): unknown {
  if (text.trim() === '') return {};
  try {
    return JSON.parse(text);
  } catch {
    return JSON.parse(
      text.replace(STRINGS, (whole, inner?: string) => (inner === undefined ? whole : requoted(inner))),
    );
  }
}

function requoted(inner: string): string {
  return `"${inner.replaceAll("\\'", "'").replace(/\\.|"/gs, (found) => (found === '"' ? '\\"' : found))}"`;
}
