/** The provider's JSON parser takes single-quoted strings, such as `{'file': {'display_name': …}}` (provider fact F-START-JSON). */

const STRINGS = /"(?:[^"\\]|\\.)*"|'((?:[^'\\]|\\.)*)'/gs;

/** The search for strings takes quadratic time on hostile texts, so it is for short ones only. */
const MAX_LENIENT = 16 * 1024;

/** Throws a SyntaxError if the text is not JSON even so. An empty text is `{}`. */
export function parseLenientJson(text: string): unknown {
  if (text.trim() === '') return {};
  try {
    return JSON.parse(text);
  } catch (error) {
    if (text.length > MAX_LENIENT) throw error;
    return JSON.parse(
      text.replace(STRINGS, (whole, inner?: string) => (inner === undefined ? whole : requoted(inner))),
    );
  }
}

function requoted(inner: string): string {
  return `"${inner.replaceAll("\\'", "'").replace(/\\.|"/gs, (found) => (found === '"' ? '\\"' : found))}"`;
}
