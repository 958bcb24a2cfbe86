/** Where an `upload` runs: a Temporal server, an endpoint with a key, and what has to be ended afterwards. */

import { Client, type Connection } from '@temporalio/client';
import {
  missingCredentials,
  resolveSettings,
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
  close(): Promise<void>;
}

export interface Plan {
  readonly target?: TemporalTarget;
  readonly settings: Settings;
  /** Whether the emulator stands in for the real API. */
  readonly emulator: boolean;
}

/**
 * What the configuration comes to; nothing is started yet.
 *
 * @param ownWorker - whether this process does the work and so needs the key
 * @throws MissingCredentialsError where the real API is wanted and there is no key
 */
export function planSession(ownWorker: boolean, configFile?: string): Plan {
  const settings = resolveSettings(configFile ? { configFile } : {});
  const target = configuredTemporal();
  const hasKey = settings.keySource !== undefined;
  const emulator = !target && !hasKey && !settings.baseUrlGiven;
  if (!hasKey && !emulator && ownWorker) throw missingCredentials();
  return { ...(target && { target }), settings, emulator };
}

export async function openSession(plan: Plan, output: Output): Promise<Session> {
  if (plan.target) return sessionAt(plan.target, plan, {});
  if (plan.emulator) {
    output.say(
      'No API key (GEMINI_API_KEY is not set): this run uses the Gemini Files emulator, nothing is sent to Google.',
    );
  }
  const embedded = await attachEmbedded({ emulator: plan.emulator, onProgress: (line) => output.say(line) });
  try {
    return await sessionAt(targetAt(embedded.address, embedded.namespace), plan, {
      embedded,
      uiUrl: embedded.uiUrl,
    });
  } catch (error) {
    await embedded.release();
    throw error;
  }
}

async function sessionAt(
  target: TemporalTarget,
  { settings, emulator }: Plan,
  own: { embedded?: EmbeddedServer; uiUrl?: string },
): Promise<Session> {
  const connection: Connection = await connectClient(target);
  const emulatorUrl = emulator ? own.embedded?.emulatorUrl : undefined;
  return {
    ...own,
    target,
    client: new Client({ connection, namespace: target.namespace }),
    gemini: emulatorUrl ? { baseUrl: emulatorUrl, apiKey: EMULATOR_KEY } : {},
    endpoint: emulator ? 'emulator' : settings.baseUrl.href,
    close: async () => {
      await connection.close();
      await own.embedded?.release();
    },
  };
}
