/** Checks the API keys with the provider, and the clock. */

import { docPage } from '../doc-page.js';
import {
  InvalidCredentialsError,
  isGeminiFilesError,
  MissingDependencyError,
} from '../../contract/errors.js';
import { GeminiApiError, listFiles } from '../../gemini/index.js';
import { sendHttp } from '../../gemini/http.js';
import { isGoogles, isOfOtherServer } from '../../gemini/other-server.js';
import { tlsAdvice } from '../../gemini/tls-problem.js';
import { twoKeys, unreadEnvFile } from '../../worker/mistakes.js';
import { missingCredentials } from '../../worker/api-key.js';
import type { Settings } from '../../worker/options.js';
import { errorMessage } from '../../util/error-message.js';
import { failed, passed, skipped, type Check } from './check.js';
import { count } from '../terminal/format.js';
import { WITHOUT_CONFIGURATION } from './settings.js';
import { withTimeout } from '../../util/with-timeout.js';

const TIMEOUT_MS = 10_000;
/** TLS and signed times tolerate more; a larger skew makes the displayed times misleading. */
const MAX_SKEW_MS = 60_000;

export interface ProviderOptions {
  readonly offline: boolean;
  /** Whether `upload` would use the emulator if there is no key. */
  readonly emulator: boolean;
}

export async function checkProvider(
  settings: Settings | undefined,
  options: ProviderOptions,
): Promise<Check[]> {
  if (!settings) return ['key', 'key valid', 'clock'].map((name) => skipped(name, WITHOUT_CONFIGURATION));
  if (!settings.keySource && options.emulator) {
    const fix = unreadEnvFile(process.cwd()) ?? 'Set GEMINI_API_KEY to use the real API.';
    const key = passed('key', 'none: upload uses the emulator, nothing is sent to Google', fix);
    return [key, ...['key valid', 'clock'].map((name) => skipped(name, 'no key'))];
  }
  const key = await checkKey(settings);
  if (options.offline) return [key, skipped('key valid', OFFLINE), skipped('clock', OFFLINE)];
  const [valid, clock] = await Promise.all([checkAllValid(settings, key.ok), checkClock(settings.baseUrl)]);
  return [key, ...valid, clock];
}

const OFFLINE = 'not checked (--offline)';

async function checkKey({ connect, keySource, profiles }: Settings): Promise<Check> {
  const named = profiles.size > 0 ? `; profiles: ${[...profiles.keys()].join(', ')}` : '';
  if (!keySource && profiles.size > 0) return passed('key', `no default key${named}`);
  try {
    const { apiKey } = await connect();
    const keys = keySource === 'GEMINI_API_KEY' ? twoKeys() : undefined;
    return passed('key', `from ${keySource ?? 'nowhere'}, ${describeKey(apiKey)}${named}`, keys);
  } catch (error) {
    const fix =
      unreadEnvFile(process.cwd()) ??
      'Get a key at https://aistudio.google.com/apikey and set GEMINI_API_KEY.';
    // doctor does not tell people to run doctor.
    const { message } = isGeminiFilesError(error) ? error : missingCredentials();
    return failed('key', message.replace(/ Run temporal-gemini-files doctor .*$/, ''), fix);
  }
}

/** Shows the last four characters; of a short key, which cannot be the provider's, none. */
function describeKey(key: string): string {
  return key.length >= 16
    ? `…${key.slice(-4)}`
    : `too short to be Google's (${count(key.length, 'character')})`;
}

/** Checks each key that a worker would use: the default one, and those of the profiles. */
async function checkAllValid(settings: Settings, defaultIsUsable: boolean): Promise<Check[]> {
  const { profiles, keySource } = settings;
  const names = [...(keySource && defaultIsUsable ? [undefined] : []), ...profiles.keys()];
  if (names.length === 0) return [skipped('key valid', 'no key')];
  return Promise.all(names.map((name) => checkValid(settings, name)));
}

async function checkValid({ connect, baseUrl: own }: Settings, profile?: string): Promise<Check> {
  const of = profile === undefined ? 'the key' : `the key of the profile ${profile}`;
  let baseUrl = own;
  try {
    const connection = await connect(profile);
    ({ baseUrl } = connection);
    await listFiles(connection, { pageSize: 1 }, withTimeout(TIMEOUT_MS));
    return passed('key valid', `the provider accepts ${of}`);
  } catch (error) {
    return toFailedCheck(of, error, baseUrlFix(baseUrl, profile));
  }
}

/** @param otherServerFix - what to do if another server than the provider answers */
function toFailedCheck(of: string, error: unknown, otherServerFix: string): Check {
  const detail = `${of}: ${errorMessage(error)}`;
  if (error instanceof MissingDependencyError) return skipped('key valid', 'needs @google/genai');
  const { kind, status } =
    error instanceof GeminiApiError ? error : { kind: 'connection' as const, status: undefined };
  // The provider rate-limits only keys that it accepts.
  if (status === 429)
    return passed(
      'key valid',
      `the provider accepts ${of}, and answers 429 now`,
      'The key is over its rate limit: use a lower tier, or wait.',
    );
  if (kind === 'credentials' || error instanceof InvalidCredentialsError) {
    const fix = 'Check the key, its restrictions and its project at https://aistudio.google.com/apikey.';
    return failed('key valid', detail, fix);
  }
  if (kind === 'network-setup') return failed('key valid', detail, NETWORK_SETUP);
  if (error instanceof GeminiApiError && isOfOtherServer(error))
    return failed('key valid', `${errorMessage(error)}; ${of} was not checked`, otherServerFix);
  if (kind === 'unavailable')
    return failed(
      'key valid',
      `the provider is unavailable (${errorMessage(error)}); ${of} was not checked`,
      'Try again later; --offline skips this check.',
    );
  if (kind === 'connection')
    return failed(
      'key valid',
      detail,
      'Check the network, the proxy and the base URL; --offline skips this check.',
    );
  return failed('key valid', detail, 'Check the base URL and the answer.');
}

function baseUrlFix(baseUrl: URL, profile: string | undefined): string {
  const offline = '--offline skips this check.';
  if (isGoogles(baseUrl))
    return `Something on the way to the provider answers in its place: check the proxy or the gateway. ${offline}`;
  return profile === undefined
    ? `Check GOOGLE_GEMINI_BASE_URL, or baseUrl in the configuration file; without either, Google's own is used. ${offline}`
    : `Check baseUrl of the profile ${profile} in the configuration file; without it, the general one is used (baseUrl, or GOOGLE_GEMINI_BASE_URL). ${offline}`;
}

const NETWORK_SETUP = `Change what the message names; ${docPage('network')} has the details. --offline skips this check.`;

/** Every answer, an error too, has the provider's time, so no key is sent. */
async function checkClock(baseUrl: URL): Promise<Check> {
  const fix = "Check this machine's clock (NTP).";
  try {
    const before = Date.now();
    const { headers } = await sendHttp({
      method: 'HEAD',
      url: baseUrl,
      headers: {},
      contentLength: 0,
      stallTimeoutMs: TIMEOUT_MS,
      answerTimeoutMs: TIMEOUT_MS,
      signal: withTimeout(TIMEOUT_MS),
    });
    const now = (before + Date.now()) / 2;
    const theirs = Date.parse(headers.date ?? '');
    if (Number.isNaN(theirs)) return passed('clock', 'the provider sent no Date header to compare with');
    // The header has whole seconds.
    const skew = Math.round((now - theirs - 500) / 1000);
    const detail =
      Math.abs(skew) <= 2
        ? "the provider's, to two seconds"
        : `${Math.abs(skew)} s ${skew > 0 ? 'ahead of' : 'behind'} the provider's`;
    return Math.abs(skew) * 1000 <= MAX_SKEW_MS ? passed('clock', detail) : failed('clock', detail, fix);
  } catch (error) {
    return failed(
      'clock',
      `${baseUrl.origin} did not answer: ${errorMessage(error)}`,
      tlsAdvice(error) ?? 'Check the network, the proxy and the base URL; --offline skips this check.',
    );
  }
}
