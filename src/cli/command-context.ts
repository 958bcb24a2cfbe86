/** What a command works with: a Temporal server, a Gemini endpoint with a key, and what has to be closed afterwards. */

import { Client } from '@temporalio/client';
import { MissingCredentialsError } from '../contract/errors.js';
import type { GeminiConnection } from '../gemini/index.js';
import { unreadEnvFile } from '../worker/mistakes.js';
import { unknownProfile } from '../worker/api-key.js';
import { resolveSettings, type GeminiFilesOptions, type Settings } from '../worker/options.js';
import { attachDevServer, type DevServer } from './dev-server/index.js';
import { InterruptedError } from './exit.js';
import { commandLine } from './own-command.js';
import { connectClient, whyUnreachable } from './temporal-connection.js';
import {
  configuredTemporal,
  describeTarget,
  targetAt,
  unusedSettings,
  type TemporalTarget,
} from './temporal-target.js';
import { whenPipeBreaks } from './terminal/broken-pipe.js';
import { installInterruptHandler, type Interrupt } from './terminal/interrupt.js';
import type { Output } from './terminal/output.js';

/** The emulator accepts any key. */
const EMULATOR_KEY = 'emulator';

/** Where a command prints, and how it is interrupted. */
export interface Terminal {
  readonly output: Output;
  readonly interrupt: Interrupt;
}

export interface CommandContext extends Terminal {
  readonly temporal: TemporalTarget;
  readonly client: Client;
  /** Base URL, key and configuration file for a worker in this process. */
  readonly gemini: GeminiFilesOptions;
  /** Identifies the Gemini endpoint: a file at one endpoint does not exist at another. */
  readonly endpoint: string;
  /** The embedded server, if it is used. */
  readonly devServer?: DevServer;
  /** Rejects if the embedded server, the terminal, or the reader of the output, is gone before the command ends; never resolves. */
  readonly lost: Promise<never>;
}

/** What the configuration asks for, before anything is started. */
export interface CommandPlan {
  /** The configured Temporal; undefined: the embedded server. */
  readonly temporal: TemporalTarget | undefined;
  readonly settings: Settings;
  readonly hasKey: boolean;
  /** Whether the emulator replaces the real API: nothing at all is configured. */
  readonly emulator: boolean;
  readonly configFile: string | undefined;
  /** The credentials profile in use. */
  readonly profile: string | undefined;
}

/** @param temporal - the server; undefined: the embedded one */
export function planCommand(
  configFile?: string,
  profile?: string,
  temporal: TemporalTarget | undefined = configuredTemporal(),
): CommandPlan {
  const settings = resolveSettings(configFile ? { configFile } : {});
  const hasKey = profile === undefined ? settings.keySource !== undefined : settings.profiles.has(profile);
  const emulator = !temporal && !hasKey && !settings.baseUrlGiven && profile === undefined;
  return { temporal, settings, hasKey, emulator, configFile, profile };
}

/**
 * Checks that this process can send requests to the provider.
 *
 * @throws MissingCredentialsError if the real API is wanted and there is no key
 */
export async function assertKey({
  hasKey,
  emulator,
  profile,
  settings,
  temporal,
}: CommandPlan): Promise<void> {
  if (hasKey || emulator) return;
  if (profile !== undefined) throw unknownProfile(profile, settings.profiles);
  throw await noKeyBeside(temporal);
}

/** The error for a missing key, which also says if the server does not answer: the user can mend both at once. */
export async function noKeyBeside(temporal: TemporalTarget | undefined): Promise<MissingCredentialsError> {
  return noKey(WITH_EMULATOR, temporal && (await whyUnreachable(temporal)));
}

/**
 * Connects a command to the provider itself, without a worker and without an emulator.
 *
 * @throws MissingCredentialsError if there is no key
 */
export async function connectProvider({
  config,
  credentials,
}: {
  readonly config?: string | undefined;
  readonly credentials?: string | undefined;
}): Promise<GeminiConnection> {
  const settings = resolveSettings(config === undefined ? {} : { configFile: config });
  const { keySource, connect } = forTerminal(settings);
  if (credentials === undefined && keySource === undefined) throw noKey(NO_EMULATOR);
  return connect(credentials);
}

const REQUEST_MS = 10_000;

/** Settings for requests that a command makes itself: somebody waits at the terminal for each answer, and nothing repeats a request. */
export function forTerminal(settings: Settings): Settings {
  const connect = async (profile?: string) => ({
    ...(await settings.connect(profile)),
    requestTimeoutMs: REQUEST_MS,
  });
  return { ...settings, connect };
}

const WITH_EMULATOR =
  'Without a key, upload uses an emulator of its own, unless a Temporal server, an endpoint or a profile is given. An emulator that you run takes any key.';
const NO_EMULATOR =
  'Without a key, only upload and wait work: they use an emulator, whose files the other commands do not see.';

/**
 * The error for a missing key. It names what a user of the command line can set.
 *
 * @param besides - another problem, in a sentence
 */
export function noKey(emulator = WITH_EMULATOR, besides?: string): MissingCredentialsError {
  const unread = unreadEnvFile(process.cwd());
  return new MissingCredentialsError(
    'No Gemini API key. Set GEMINI_API_KEY (or GOOGLE_API_KEY), or apiKey in the configuration file (--config). ' +
      `Run ${commandLine('doctor')} to see what is found. ${emulator}` +
      [unread, besides].map((more) => (more === undefined ? '' : ` ${more}`)).join(''),
  );
}

/**
 * Runs `work` with a context, which is closed afterwards.
 *
 * @param whileStarting - called when the embedded server has been started and does not answer yet
 * @throws InterruptedError after Ctrl-C before the context is open
 * @throws Error if the embedded server ends before `work` does
 */
export async function withCommandContext<T>(
  plan: CommandPlan,
  terminal: Terminal,
  work: (context: CommandContext) => Promise<T>,
  whileStarting?: () => void,
): Promise<T> {
  const context = await openContext(plan, terminal, whileStarting);
  let abandoned = false;
  try {
    return await Promise.race([work(context), context.lost.catch(abandon)]);
  } catch (error) {
    abandoned ||= error instanceof InterruptedError;
    throw error;
  } finally {
    // The client still retries calls that were abandoned, and would crash on a closed connection.
    if (!abandoned) await context.client.connection.close();
    await context.devServer?.release();
  }

  function abandon(reason: unknown): never {
    abandoned = true;
    throw reason;
  }
}

/** Like {@link withCommandContext}, for a command that has nothing to clean up: Ctrl-C ends it at once. */
export async function withInterruptibleContext<T>(
  plan: CommandPlan,
  output: Output,
  work: (context: CommandContext) => Promise<T>,
): Promise<T> {
  using interrupt = installInterruptHandler();
  return await withCommandContext(plan, { output, interrupt }, (context) => interrupt.race(work(context)));
}

async function openContext(
  plan: CommandPlan,
  terminal: Terminal,
  whileStarting?: () => void,
): Promise<CommandContext> {
  const { output, interrupt } = terminal;
  if (plan.temporal) return interrupt.race(connect(plan.temporal, plan, terminal));
  if (plan.emulator) {
    output.say(
      'No API key (GEMINI_API_KEY is not set): this run uses the Gemini Files emulator, nothing is sent to Google.',
    );
    const unread = unreadEnvFile(process.cwd());
    if (unread !== undefined) output.say(unread);
  }
  const devServer = await attachDevServer({
    emulator: plan.emulator,
    onProgress: (line) => output.say(line),
    signal: interrupt.signal,
    ...(whileStarting && { whileStarting }),
  });
  const hint = `The embedded server's log is in ${devServer.stateDir}.`;
  try {
    const temporal = targetAt(devServer.address, hint, devServer.namespace);
    return await interrupt.race(connect(temporal, plan, terminal, devServer));
  } catch (error) {
    await devServer.release();
    throw error;
  }
}

async function connect(
  temporal: TemporalTarget,
  plan: CommandPlan,
  terminal: Terminal,
  devServer?: DevServer,
): Promise<CommandContext> {
  const connection = await connectClient(temporal);
  terminal.output.say(describeTarget(temporal));
  const unused = devServer ? unusedSettings() : [];
  if (unused.length > 0)
    terminal.output.say(`${unused.join(', ')} is not used, because no address is given (TEMPORAL_ADDRESS).`);
  const emulatorUrl = plan.emulator ? devServer?.emulatorUrl : undefined;
  return {
    ...terminal,
    ...(devServer && { devServer }),
    temporal,
    client: new Client({ connection, namespace: temporal.namespace }),
    gemini: {
      ...(emulatorUrl && { baseUrl: emulatorUrl, apiKey: EMULATOR_KEY }),
      ...(plan.configFile && { configFile: plan.configFile }),
    },
    endpoint: endpointOf(plan),
    lost: Promise.race([whenPipeBreaks(), terminal.interrupt.hungUp, ...(devServer ? [devServer.lost] : [])]),
  };
}

function endpointOf({ settings, emulator, profile }: CommandPlan): string {
  if (emulator) return 'emulator';
  if (profile === undefined) return settings.baseUrl.href;
  // Another profile's key does not see this one's files.
  return `${(settings.profiles.get(profile) ?? settings.baseUrl).href}#${profile}`;
}
