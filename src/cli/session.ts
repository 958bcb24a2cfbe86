/** Where a command works: a Temporal server, an endpoint with a key, and what has to be ended afterwards. */

import { Client } from '@temporalio/client';
import {
  missingCredentials,
  resolveSettings,
  unknownProfile,
  type GeminiFilesOptions,
  type Settings,
} from '../worker/index.js';
import { attachEmbedded, type EmbeddedServer } from './embedded/index.js';
import type { Output } from './output.js';
import { configuredTemporal, connectClient, targetAt, type TemporalTarget } from './temporal-connection.js';

/** The key that the emulator is used with; it takes any. */
const EMULATOR_KEY = 'emulator';

export interface Session {
  readonly target: TemporalTarget;
  readonly client: Client;
  /** Base URL, key and roots for a worker in this process. */
  readonly gemini: GeminiFilesOptions;
  /** The Gemini endpoint, which tells runs against different ones apart. */
  readonly endpoint: string;
  readonly uiUrl?: string;
  readonly embedded?: EmbeddedServer;
  /** Rejects if the embedded server is gone before `close`; never resolves. */
  readonly lost: Promise<never>;
  close(): Promise<void>;
}

export interface Plan {
  readonly target?: TemporalTarget;
  readonly settings: Settings;
  /** Whether the emulator stands in for the real API. */
  readonly emulator: boolean;
  /** The credentials profile in use. */
  readonly profile?: string;
}

/**
 * What the configuration comes to; nothing is started yet.
 *
 * @param ownWorker - whether this process does the work and so needs the key
 * @throws MissingCredentialsError where the real API is wanted and there is no key
 */
export function planSession(ownWorker: boolean, configFile?: string, profile?: string): Plan {
  const settings = resolveSettings(configFile ? { configFile } : {});
  const target = configuredTemporal();
  const hasKey = profile === undefined ? settings.keySource !== undefined : settings.profiles.has(profile);
  const emulator = !target && !hasKey && !settings.baseUrlGiven && profile === undefined;
  if (!hasKey && !emulator && ownWorker)
    throw profile === undefined ? missingCredentials() : unknownProfile(profile, settings.profiles);
  return { ...(target && { target }), settings, emulator, ...(profile !== undefined && { profile }) };
}

export async function openSession(plan: Plan, output: Output): Promise<Session> {
  if (plan.target) return sessionAt(plan.target, plan);
  if (plan.emulator) {
    output.say(
      'No API key (GEMINI_API_KEY is not set): this run uses the Gemini Files emulator, nothing is sent to Google.',
    );
  }
  const embedded = await attachEmbedded({ emulator: plan.emulator, onProgress: (line) => output.say(line) });
  const hint = `The embedded server's log is in ${embedded.stateDir}.`;
  try {
    return await sessionAt(targetAt(embedded.address, hint, embedded.namespace), plan, embedded);
  } catch (error) {
    await embedded.release();
    throw error;
  }
}

async function sessionAt(target: TemporalTarget, plan: Plan, embedded?: EmbeddedServer): Promise<Session> {
  const connection = await connectClient(target);
  let gone = false;
  const lost = new Promise<never>((_, reject) =>
    embedded?.onLost((reason) => {
      gone = true;
      reject(new Error(`${reason.message}. The same command again goes on where it was.`, { cause: reason }));
    }),
  );
  lost.catch(() => undefined);
  const emulatorUrl = plan.emulator ? embedded?.emulatorUrl : undefined;
  return {
    ...(embedded && { embedded, uiUrl: embedded.uiUrl }),
    target,
    client: new Client({ connection, namespace: target.namespace }),
    gemini: emulatorUrl ? { baseUrl: emulatorUrl, apiKey: EMULATOR_KEY } : {},
    endpoint: endpointOf(plan),
    lost,
    close: async () => {
      // Calls to a server that is gone are still being tried again, which on a closed connection would crash.
      if (!gone) await connection.close();
      await embedded?.release();
    },
  };
}

function endpointOf({ settings, emulator, profile }: Plan): string {
  if (emulator) return 'emulator';
  if (profile === undefined) return settings.baseUrl.href;
  // Another profile's key does not see this one's files.
  return `${(settings.profiles.get(profile) ?? settings.baseUrl).href}#${profile}`;
}
