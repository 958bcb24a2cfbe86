/** The key, and the provider that it is for. */

import { isGeminiFilesError } from '../../contract/index.js';
import { GeminiApiError, listFiles } from '../../gemini/index.js';
import { missingCredentials, type Settings } from '../../worker/index.js';
import { failed, messageOf, passed, type Check } from './check.js';

const PATIENCE_MS = 10_000;
/** TLS and signed times bear more; what a person is shown of times does not. */
const MAX_SKEW_MS = 60_000;

export interface ProviderOptions {
  readonly offline: boolean;
  /** Whether `upload` would use the emulator where there is no key. */
  readonly emulator: boolean;
}

export async function checkProvider(settings: Settings, options: ProviderOptions): Promise<Check[]> {
  if (!settings.keySource && options.emulator) {
    const fix = 'Set GEMINI_API_KEY to use the real API.';
    return [passed('key', 'none: upload uses the emulator, nothing is sent to Google', fix)];
  }
  const checks = [await checkKey(settings)];
  if (options.offline) return [...checks, passed('key valid', 'not checked (--offline)'), skewSkipped];
  if (checks[0]?.ok) checks.push(await checkValid(settings));
  return [...checks, await checkClock(settings.baseUrl)];
}

const skewSkipped = passed('clock', 'not checked (--offline)');

async function checkKey({ connect, keySource, profiles }: Settings): Promise<Check> {
  const named = profiles.size > 0 ? `; profiles: ${[...profiles.keys()].join(', ')}` : '';
  if (!keySource && profiles.size > 0) return passed('key', `none of its own${named}`);
  try {
    const { apiKey } = await connect();
    return passed('key', `from ${keySource ?? 'nowhere'}, ${masked(apiKey)}${named}`);
  } catch (error) {
    const fix = 'Get a key at https://aistudio.google.com/apikey and set GEMINI_API_KEY.';
    return failed('key', isGeminiFilesError(error) ? error.message : missingCredentials().message, fix);
  }
}

/** The last four, and of a short key, which is none of the provider's, nothing. */
function masked(key: string): string {
  return key.length >= 16 ? `…${key.slice(-4)}` : '…';
}

async function checkValid({ connect, profiles, keySource }: Settings): Promise<Check> {
  const names = [...(keySource ? [undefined] : []), ...profiles.keys()];
  for (const name of names) {
    const of = name === undefined ? '' : ` of the profile ${name}`;
    try {
      await listFiles(await connect(name), { pageSize: 1 }, AbortSignal.timeout(PATIENCE_MS));
    } catch (error) {
      const refused = error instanceof GeminiApiError && error.kind === 'credentials';
      const fix = refused
        ? 'Check the key, its restrictions and its project at https://aistudio.google.com/apikey.'
        : 'Check the network, the proxy and the base URL; --offline leaves this check out.';
      return failed('key valid', `the key${of}: ${messageOf(error)}`, fix);
    }
  }
  return passed('key valid', 'the provider accepts it');
}

/** Any answer has the provider's time, an error too; no key is sent. */
async function checkClock(baseUrl: URL): Promise<Check> {
  const fix = "Check this machine's clock (NTP).";
  try {
    const before = Date.now();
    const { headers } = await fetch(baseUrl, {
      method: 'HEAD',
      redirect: 'manual',
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    const now = (before + Date.now()) / 2;
    const theirs = Date.parse(headers.get('date') ?? '');
    if (Number.isNaN(theirs)) return passed('clock', 'the provider sent no Date header to compare with');
    // The header has whole seconds.
    const skew = Math.round((now - theirs - 500) / 1000);
    const detail =
      Math.abs(skew) <= 2
        ? "the provider's, to two seconds"
        : `${Math.abs(skew)} s ${skew > 0 ? 'ahead of' : 'behind'} the provider's`;
    return Math.abs(skew) * 1000 <= MAX_SKEW_MS ? passed('clock', detail) : failed('clock', detail, fix);
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    return failed(
      'clock',
      `${baseUrl.origin} gave no answer: ${messageOf(cause)}`,
      'Check the network, the proxy and the base URL; --offline leaves this check out.',
    );
  }
}
