/** Values as messages show them: short, whatever they are, and never a key. */

const MAX_SHOWN = 100;

export function shorten(text: string): string {
  // Half of a surrogate pair, cut or given, is nothing that a failure's message can hold on the wire.
  return (text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}…` : text).toWellFormed();
}

/**
 * How a URL begins, also as `path.join` writes it (`https:/host`), or with a backslash; not `C:/`. Without a scheme, it shows only by a user
 * and a password: `//user:password@host` is one, `//server/share` is a folder.
 */
const URL_BEGINNING = /^\s*(?:[a-z][a-z0-9+.-]+:[/\\]+|[/\\]{2,}(?=[^/\\@:]*:[^@]*@))/i;

/** As a program finds it that has resolved the URL as a path: `/home/me/https:/host`. */
const URL_WITHIN = /[/\\]https?:[/\\]+/i;

/** The path as messages show it: a URL that was given by mistake can be signed, and can have a user and a password. */
export function showPath(path: string): string {
  const found = URL_BEGINNING.exec(path) ?? URL_WITHIN.exec(path);
  if (found === null) return path;
  const host = found.index + found[0].length;
  const rest = path.slice(host);
  return path.slice(0, host) + (rest.includes('@') ? '…' : (rest.split(/[?#]/, 1)[0] ?? ''));
}

/** The file's name as summaries show it. The server takes at most 400 bytes of a summary; a character may have three. */
export function lastSegment(path: string): string {
  // Not by `split`: an input that is not checked yet can consist of separators, and each would make a string.
  const at = Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1;
  return path.slice(at, at + 120).toWellFormed();
}

const MAX_ID_CHARACTERS = 60;

/** A file's name as a part of a workflow id: letters, digits, `.`, `_` and `-` only, so that the id needs no quoting in a shell. */
export function toIdPart(name: string): string {
  const plain = hideKeys(name)
    .normalize('NFC')
    .replace(/[^\p{L}\p{N}\p{M}._]+/gu, '-');
  return [...plain.replace(/^-/, '')].slice(0, MAX_ID_CHARACTERS).join('').replace(/-$/, '') || 'file';
}

/** `text` without Google's API keys (provider fact F-NETWORK-KEY-FORM), wherever they were put by mistake, and whosever they are. */
export function hideKeys(text: string): string {
  return text.replace(/(AIza|AQ\.)[\w-]{20,}/g, '$1…');
}

export function formatValue(value: unknown): string {
  return shorten(hideKeys(printed(value)));
}

function printed(value: unknown): string {
  // JSON has no word for NaN and the infinities, and would say null.
  if (typeof value === 'number') return String(value);
  try {
    return JSON.stringify(value) ?? String(value);
  } catch {
    // A bigint, a circular object, a toJSON that throws.
    return typeof value === 'bigint' ? `${value}n` : Object.prototype.toString.call(value);
  }
}
