/** Checks the settings that result from options, configuration file and environment. */

import { docPage } from '../doc-page.js';
import type { GeminiFilesOptions, Settings } from '../../worker/options.js';
import type { WorkerLimits } from '../../worker/tiers.js';
import { proxyFor } from '../../gemini/proxy.js';
import { assertReadable } from '../worker/assert-readable.js';
import { ORIGIN_FLAG } from '../worker/flags.js';
import { InvalidFlagError, settingsOf } from '../worker/settings-of-flags.js';
import { errorMessage } from '../../util/error-message.js';
import { formatBytes } from '../terminal/format.js';
import { failed, passed, skipped, type Check } from './check.js';

/** The settings; if they cannot be used, only the check that says why. */
export function checkConfiguration(worker: GeminiFilesOptions): { check: Check; settings?: Settings } {
  try {
    const settings = settingsOf(worker);
    return { settings, check: passed('configuration', settings.configPath ?? 'no configuration file') };
  } catch (error) {
    const fix =
      error instanceof InvalidFlagError
        ? `Correct ${ORIGIN_FLAG}.`
        : `Correct it; ${docPage('configuration')} lists its fields.`;
    return { check: failed('configuration', errorMessage(error), fix) };
  }
}

export async function checkSettings(settings: Settings | undefined): Promise<Check[]> {
  if (!settings)
    return ['base url', 'proxy', 'tier', 'allowed root'].map((name) => skipped(name, WITHOUT_CONFIGURATION));
  const { baseUrl, baseUrlGiven, tier, limits, allowedRoots } = settings;
  const described = describeLimits(limits);
  return [
    passed(
      'base url',
      `${baseUrl.href}${baseUrlGiven ? '' : " (the provider's default)"}`,
      process.env.GOOGLE_GENAI_USE_VERTEXAI === 'true' ? NO_VERTEX : undefined,
    ),
    checkProxy(baseUrl),
    described
      ? passed('tier', `${tier ?? 'none'}: ${described}`)
      : passed('tier', 'none: no limits', "Set GEMINI_TIER to your account's: free, tier1, tier2 or tier3."),
    ...(await Promise.all(allowedRoots.map(checkRoot))),
  ];
}

const NO_VERTEX =
  'GOOGLE_GENAI_USE_VERTEXAI is set and not used: Vertex AI has no Files API, and its prompts cannot refer to these files.';

function checkProxy(baseUrl: URL): Check {
  try {
    const proxy = proxyFor(baseUrl);
    if (!proxy) return passed('proxy', `none for ${baseUrl.host}`);
    const login = proxy.authorization === undefined ? '' : ', with a user and password';
    return passed('proxy', `${proxy.url.origin}${login}, from the environment`);
  } catch (error) {
    return failed('proxy', errorMessage(error), 'Correct the variable, or make an exception in NO_PROXY.');
  }
}

export const WITHOUT_CONFIGURATION = 'no configuration that can be used';

function describeLimits({
  maxTaskQueueActivitiesPerSecond: rate,
  maxConcurrentUploads: uploads,
  maxUploadBytesPerSecond: bytes,
}: WorkerLimits): string {
  return [
    rate !== undefined && `${rate} activities/s on the task queue`,
    uploads !== undefined && `${uploads} uploads at once`,
    bytes !== undefined && `${formatBytes(bytes)}/s`,
  ]
    .filter(Boolean)
    .join(', ');
}

async function checkRoot(root: string): Promise<Check> {
  try {
    await assertReadable(root);
    return passed('allowed root', `${root} is readable`);
  } catch (error) {
    return failed(
      'allowed root',
      `${root} can't be read: ${errorMessage(error)}`,
      'Make it readable for this user, or set another folder in allowedRoots.',
    );
  }
}
