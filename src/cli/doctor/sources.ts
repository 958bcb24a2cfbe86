/** Checks the sources of the configuration: each that answers without a file, and files that the user names. */

import { FileNotFoundError, isGeminiFilesError, SourceNotAllowedError } from '../../contract/errors.js';
import { showSource, sourceAddress } from '../../contract/source.js';
import { askOrigin, openSource, SOURCE_LIMITS } from '../../sources/index.js';
import type { Settings } from '../../worker/internal.js';
import { errorMessage } from '../../util/error-message.js';
import { formatBytes } from '../terminal/format.js';
import { failed, passed, skipped, type Check } from './check.js';
import { withTimeout } from '../../util/with-timeout.js';

const TIMEOUT_MS = 15_000;
const OFFLINE = 'not checked (--offline)';

/** A store answers for a key that it does not have, too. */
const NO_SUCH_KEY = 'temporal-gemini-files-doctor';

export interface SourceOptions {
  readonly offline: boolean;
  /** Files of which one byte is read: `https://…` or `NAME:KEY`. */
  readonly files: readonly string[];
}

export async function checkSources(
  settings: Settings | undefined,
  { offline, files }: SourceOptions,
): Promise<Check[]> {
  if (!settings) return [];
  const { https, named } = settings.sources;
  const count = https?.allowedOrigins.length ?? 0;
  const online = async (name: string, check: (name: string) => Promise<Check>) =>
    offline ? skipped(name, OFFLINE) : await check(name);
  const origins =
    https?.allowedOrigins.flatMap(({ origin }) => (origin === undefined ? [] : { origin, https })) ?? [];
  const checks = await Promise.all([
    ...origins.map(({ origin, https }) =>
      online(`source ${origin}`, (name) => checkOrigin(name, origin, { ...settings.sources, https })),
    ),
    ...[...named].map(([key, source]) =>
      source.type === 's3' && source.refusal
        ? failed(`source ${key}`, errorMessage(source.refusal), CREDENTIALS_REFUSED)
        : online(`source ${key}`, (name) => checkNamed(name, `${key}:${NO_SUCH_KEY}`, settings)),
    ),
    ...files.map((file) => checkFile(file, offline ? undefined : settings)),
  ]);
  if (!https) return checks;
  return [
    passed('source https', `${count} permitted ${count === 1 ? 'origin' : 'origins'}`, HINT),
    ...checks,
  ];
}

const CREDENTIALS_REFUSED = 'Do one of these, or remove the source: `worker` does not start with it.';
const HINT = 'To read one byte of a file, add --source URL.';

/** Whether a server is there. What it has for an address without a file says nothing. */
async function checkOrigin(
  name: string,
  origin: string,
  sources: Parameters<typeof askOrigin>[1],
): Promise<Check> {
  try {
    const status = await askOrigin(origin, sources, withTimeout(TIMEOUT_MS));
    return passed(name, `reachable (HTTP ${status})`);
  } catch (error) {
    const refused = error instanceof SourceNotAllowedError;
    return failed(name, `${refused ? '' : 'no answer: '}${errorMessage(error)}`, adviceFor(error));
  }
}

/** Whether the store is reached, and what it says to the credentials. */
async function checkNamed(name: string, source: string, settings: Settings): Promise<Check> {
  const hint = `To read one byte of a file, add --source ${source.split(':', 1)[0]}:KEY.`;
  let code: string | undefined;
  try {
    await readByte(source, settings, (given) => {
      code = given;
    });
    return passed(name, 'reachable', hint);
  } catch (error) {
    const mistake = code === undefined ? undefined : MISTAKES[code];
    if (mistake !== undefined) return failed(name, `the store answered ${code}`, mistake);
    const status = isGeminiFilesError(error) ? error.status : undefined;
    if (code === 'NoSuchKey')
      return passed(name, `reachable; it takes the credentials (${code}, ${status})`, hint);
    // S3 answers 403, too, for a key that does not exist, unless the credentials may list the bucket.
    if (error instanceof FileNotFoundError || status === 403)
      return passed(
        name,
        `reachable; a key that it cannot have could not be read (${code === undefined ? '' : `${code}, `}${status}), so the credentials are not proven`,
        hint,
      );
    return failed(name, errorMessage(error), adviceFor(error));
  }
}

const WRONG_KEYS = 'Correct the credentials of the source.';
const WRONG_BUCKET = 'Correct the bucket, the region and the endpoint of the source.';

/** What corrects the setting that a store's code speaks of. */
const MISTAKES: Readonly<Partial<Record<string, string>>> = {
  AuthorizationHeaderMalformed: WRONG_BUCKET,
  ExpiredToken: 'Renew the credentials of the source.',
  InvalidAccessKeyId: WRONG_KEYS,
  InvalidBucketName: WRONG_BUCKET,
  InvalidToken: WRONG_KEYS,
  NoSuchBucket: WRONG_BUCKET,
  RequestTimeTooSkewed: 'Correct the clock of this host.',
  SignatureDoesNotMatch: WRONG_KEYS,
};

/** @param settings - undefined: only the form is checked */
async function checkFile(source: string, settings: Settings | undefined): Promise<Check> {
  const problem = sourceAddress.mismatch(source);
  if (problem !== undefined)
    return failed('source', `--source: ${problem}`, 'Name an https:// URL or NAME:KEY.');
  const name = `source ${showSource(source)}`;
  if (!settings) return skipped(name, OFFLINE);
  try {
    const startedAt = Date.now();
    const { sizeBytes, contentType } = await readByte(source, settings);
    return passed(
      name,
      `one byte of ${formatBytes(sizeBytes)}${contentType ? ` (${contentType})` : ''} in ${Date.now() - startedAt} ms`,
    );
  } catch (error) {
    return failed(name, errorMessage(error), adviceFor(error));
  }
}

async function readByte(
  source: string,
  { allowedRoots, sources }: Settings,
  onStoreError?: (code: string | undefined) => void,
): Promise<{ sizeBytes: number; contentType: string | undefined }> {
  const signal = withTimeout(TIMEOUT_MS);
  const limited = { ...sources, limits: { ...SOURCE_LIMITS, headBytes: 1 } };
  const opened = await openSource(
    { source },
    { allowedRoots, sources: limited },
    { attempt: 1, signal, onStoreError },
  );
  try {
    for await (const chunk of opened.read(0, 1, signal)) if (chunk.length > 0) break;
    const { sizeBytes, contentType } = opened;
    return { sizeBytes, contentType };
  } finally {
    await opened.close();
  }
}

function adviceFor(error: unknown): string {
  if (!isGeminiFilesError(error)) return 'See that this host reaches the source.';
  switch (error.name) {
    case 'SourceNotAllowedError':
      return error.status === 401 || error.status === 403
        ? 'Correct the credentials of the source.'
        : 'Permit it: an origin with --allow-origin, an address with sources.https.allowedAddresses in the configuration file.';
    case 'InvalidOptionsError':
      return CREDENTIALS_REFUSED;
    case 'FileNotFoundError':
      return 'Correct the address or the key.';
    default:
      return 'See that this host reaches the source, and that it answers ranges with a length.';
  }
}
