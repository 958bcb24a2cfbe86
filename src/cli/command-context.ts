/** What a command works with: a Temporal server, an endpoint with a key, and what has to be closed afterwards. */

import { Client } from '@temporalio/client';
import {
  missingCredentials,
  resolveSettings,
  unknownProfile,
  type GeminiFilesOptions,
  type Settings,
} from '../worker/index.js';
import { attachDevServer, type DevServer } from './dev-server/index.js';
import { catchInterrupt, InterruptedError, type Interrupt } from './terminal/interrupt.js';
import type { Output } from './terminal/output.js';
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
  /** The embedded server, if it is used. */
  readonly devServer?: DevServer;
  /** Rejects if the embedded server is gone before `close`; never resolves. */
  readonly lost: Promise<never>;
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

/**
 * Runs `work` with a session, which is closed afterwards.
 *
 * @throws InterruptedError after Ctrl-C before the session is open
 * @throws Error if the embedded server is gone before `work` is done
 */
export async function withSession<T>(
  plan: Plan,
  output: Output,
  interrupt: Interrupt,
  work: (session: Session) => Promise<T>,
): Promise<T> {
  const session = await openSession(plan, output, interrupt);
  let abandoned = false;
  try {
    return await Promise.race([work(session), session.lost.catch(abandon)]);
  } catch (error) {
    abandoned ||= error instanceof InterruptedError;
    throw error;
  } finally {
    // The client still retries calls that were abandoned, and would crash on a closed connection.
    if (!abandoned) await session.client.connection.close();
    await session.devServer?.release();
  }

  function abandon(reason: unknown): never {
    abandoned = true;
    throw reason;
  }
}

/** Like {@link withSession}, for a command that has nothing to clean up: Ctrl-C ends it at once. */
export async function withInterruptibleSession<T>(
  plan: Plan,
  output: Output,
  work: (session: Session) => Promise<T>,
): Promise<T> {
  const interrupt = catchInterrupt();
  try {
    return await withSession(plan, output, interrupt, (session) => interrupt.orBefore(work(session)));
  } finally {
    interrupt.stop();
  }
}

async function openSession(plan: Plan, output: Output, interrupt: Interrupt): Promise<Session> {
  if (plan.target) return interrupt.orBefore(sessionAt(plan.target, plan));
  if (plan.emulator) {
    output.say(
      'No API key (GEMINI_API_KEY is not set): this run uses the Gemini Files emulator, nothing is sent to Google.',
    );
  }
  const devServer = await attachDevServer({
    emulator: plan.emulator,
    onProgress: (line) => output.say(line),
    signal: interrupt.signal,
  });
  const hint = `The embedded server's log is in ${devServer.stateDir}.`;
  try {
    const target = targetAt(devServer.address, hint, devServer.namespace);
    return await interrupt.orBefore(sessionAt(target, plan, devServer));
  } catch (error) {
    await devServer.release();
    throw error;
  }
}

async function sessionAt(target: TemporalTarget, plan: Plan, devServer?: DevServer): Promise<Session> {
  const connection = await connectClient(target);
  const emulatorUrl = plan.emulator ? devServer?.emulatorUrl : undefined;
  return {
    ...(devServer && { devServer, uiUrl: devServer.uiUrl }),
    target,
    client: new Client({ connection, namespace: target.namespace }),
    gemini: emulatorUrl ? { baseUrl: emulatorUrl, apiKey: EMULATOR_KEY } : {},
    endpoint: endpointOf(plan),
    lost: devServer?.lost ?? new Promise(() => undefined),
  };
}

function endpointOf({ settings, emulator, profile }: Plan): string {
  if (emulator) return 'emulator';
  if (profile === undefined) return settings.baseUrl.href;
  // Another profile's key does not see this one's files.
  return `${(settings.profiles.get(profile) ?? settings.baseUrl).href}#${profile}`;
}
