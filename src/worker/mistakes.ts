/** Configuration mistakes that can be recognized, in words that name the mistake and the remedy. No message contains the value. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';

type Env = Readonly<Record<string, string | undefined>>;

const PLACEHOLDER = 'is a placeholder. Get a key at https://aistudio.google.com/apikey';

/** Each mistake in an API key that its form shows. The first that matches counts. */
const KEY_MISTAKES: readonly (readonly [form: RegExp, mistake: string])[] = [
  [/^(["'`]).*["'`]$/s, 'has quotation marks around it. Remove them: not every reader of such files does'],
  [/^(export\s+|set\s+)?[A-Z_]*(KEY|key)\s*=/, 'begins with a name and =. Set only the part after the ='],
  [/^bearer\s/i, 'begins with Bearer. Set only the key'],
  [/^ya29\./, 'is an OAuth access token. The Gemini API takes an API key'],
  [/^https?:\/\//i, 'is a URL. Set the key itself'],
  [/^\{(?!\{)/, 'is JSON, such as that of a service account. The Gemini API takes an API key'],
  [/^(\/|~\/|\.{1,2}\/|[A-Z]:\\).*\.(json|txt|key)$/i, "is a file's path. Set the file's content"],
  [/^(\$\{?\w+\}?|%\w+%|\$\(.*\)|\{\{.*\}\})$/, 'is a variable that was not replaced'],
  [/^(<.*>|\[.*\]|\.{3,}|…|x{4,}|\*+|•+)$/i, PLACEHOLDER],
  [
    /^(your|insert|replace|paste|enter|put|change)[-_ ]?(me|this|here|your|my|the|a|google|gemini|real|own|api|key)/i,
    PLACEHOLDER,
  ],
];

/** What is wrong with the key, as the end of a sentence about it; undefined if nothing is known to be. */
export function mistakeInKey(key: string): string | undefined {
  return KEY_MISTAKES.find(([form]) => form.test(key))?.[1];
}

/** Both variables have a key, and they differ; undefined if that is not so. `@google/genai` takes the other one. */
export function twoKeys(env: Env = process.env): string | undefined {
  const gemini = env.GEMINI_API_KEY?.trim();
  const google = env.GOOGLE_API_KEY?.trim();
  if (!gemini || !google || gemini === google) return undefined;
  return (
    'GEMINI_API_KEY and GOOGLE_API_KEY are both set, and differ. This package uses GEMINI_API_KEY, and @google/genai uses GOOGLE_API_KEY, ' +
    'which may not see the uploaded files. Unset one of them.'
  );
}

/** Whether the folder has a `.env` with a Gemini key, which nothing reads. */
export function unreadEnvFile(folder: string, env: Env = process.env): string | undefined {
  if (env.GEMINI_API_KEY?.trim() || env.GOOGLE_API_KEY?.trim()) return undefined;
  for (const name of ['.env', '.env.local']) {
    const path = join(folder, name);
    if (/^\s*(export\s+)?(GEMINI|GOOGLE)_API_KEY\s*=\s*\S/m.test(contentOf(path)))
      return `${path} has a key, but no command reads .env files. Load it into the environment: set -a; . ./${name}; set +a`;
  }
  return undefined;
}

function contentOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

/** What is wrong with the base URL, as the end of a sentence about it; undefined if nothing is known to be. */
export function mistakeInBaseUrl(text: string): string | undefined {
  if (/^[\w.-]+(:\d+)?(\/|$)/.test(text))
    return `has no scheme: http://${text} for an emulator on this machine, https:// for all else`;
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    return undefined;
  }
  const [version] = /\/v1(alpha|beta)?\d*(\/files)?\/*$/.exec(url.pathname) ?? [];
  if (version !== undefined) return `ends with ${version}, which the package adds itself. Leave it out`;
  if (url.hostname === '0.0.0.0' || url.hostname === '[::]')
    return `names ${url.hostname}, which is an address to listen on. Take 127.0.0.1`;
  if (url.hostname.endsWith('aiplatform.googleapis.com'))
    return "is Vertex AI's, which has no Files API. Leave it out, and use a key of the Gemini API";
  if (url.hostname === 'aistudio.google.com' || url.hostname === 'ai.google.dev')
    return "is a web page's. Leave it out, or take https://generativelanguage.googleapis.com";
  return undefined;
}
