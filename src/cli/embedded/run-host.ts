import { randomUUID } from 'node:crypto';
import { acquireLock } from './acquire-lock.js';
import { ControlServer } from './control-server.js';
import { refuseNewerDatabase, rememberVersion } from './database-version.js';
import { startDevServer, type DevServer } from './dev-server.js';
import { LazyEmulator, type StartEmulator } from './lazy-emulator.js';
import type { HeldLock } from './lock.js';
import type { EmbeddedAddresses } from './protocol.js';
import { reason } from './run.js';
import type { TemporalCli } from './temporal-cli.js';

/** How long the server stays for a user that was cut off (a crash that is started again), and for the first one to come. */
const LINGER_MS = 2000;
const FIRST_USER_MS = 10_000;

export interface HostOptions {
  readonly stateDir: string;
  readonly cli: Pick<TemporalCli, 'path' | 'cliVersion' | 'serverVersion'>;
  readonly startEmulator: StartEmulator;
  /** Ends the host in good order. */
  readonly signal?: AbortSignal;
  /** The lock is taken and users can connect. */
  readonly onServing?: () => void;
  /** Everything has ended but the users' connections. A host process exits here, so that they close with its very end. */
  readonly onEnded?: () => void;
}

/**
 * Hosts the embedded Temporal server for as long as somebody uses it. Resolves when it has ended and nothing is left running, or at once
 * with 'taken' where another host lives.
 */
export async function runHost(options: HostOptions): Promise<'taken' | 'ended'> {
  const token = randomUUID();
  const ending = new AbortController();
  const end = (why?: string): void => ending.abort(why);
  let quiet: NodeJS.Timeout | undefined;
  let setParts: (parts: Parts) => void = () => undefined;
  // A user may connect as soon as the lock is seen, which is before the server is begun.
  const partsSet = new Promise<Parts>((resolve) => (setParts = resolve));

  const control = await ControlServer.listen(token, {
    serve: async ({ emulator }) => {
      clearTimeout(quiet);
      return addressesOf(await partsSet, emulator);
    },
    onIdle: (how) => {
      if (how === 'bye') end();
      else quiet = setTimeout(end, LINGER_MS);
    },
  });
  const lock = await acquireLock(options.stateDir, {
    pid: process.pid,
    controlPort: control.port,
    token,
    startedAt: new Date().toISOString(),
  }).catch((error: unknown) => {
    control.close();
    throw error;
  });
  if (lock === undefined) {
    control.close();
    return 'taken';
  }
  if (control.idle) quiet = setTimeout(end, FIRST_USER_MS);
  const told = (): void => end('its host process was told to end');
  options.signal?.addEventListener('abort', told, { once: true });
  if (options.signal?.aborted === true) told();

  const server = startServer(options, lock, ending.signal);
  const emulator = new LazyEmulator(options.stateDir, options.startEmulator);
  setParts({ lock, server, emulator });
  server.then(
    ({ exited }) => exited.then((how) => end(`Temporal's dev server ${how}`)),
    (error: unknown) => {
      // Where nobody has come yet, the first user shall still hear why.
      if (!control.idle) end(reason(error));
    },
  );
  options.onServing?.();

  if (!ending.signal.aborted) {
    await new Promise((resolve) => ending.signal.addEventListener('abort', resolve, { once: true }));
  }
  clearTimeout(quiet);
  control.beginEnding();
  await Promise.allSettled([server.then((started) => started.stop()), emulator.close()]);
  lock.end();
  const why: unknown = ending.signal.reason;
  await control.announceEnd(typeof why === 'string' ? why : undefined);
  options.onEnded?.();
  control.close();
  return 'ended';
}

interface Parts {
  readonly lock: HeldLock;
  readonly server: Promise<DevServer>;
  readonly emulator: LazyEmulator;
}

async function startServer(options: HostOptions, lock: HeldLock, signal: AbortSignal): Promise<DevServer> {
  const { stateDir, cli } = options;
  refuseNewerDatabase(stateDir, cli);
  const server = await startDevServer({
    stateDir,
    cli: cli.path,
    signal,
    onSpawn: (serverPid) => lock.update({ serverPid }),
  });
  rememberVersion(stateDir, { cliVersion: cli.cliVersion, serverVersion: server.addresses.serverVersion });
  lock.update({ server: server.addresses });
  return server;
}

async function addressesOf(parts: Parts, withEmulator: boolean): Promise<EmbeddedAddresses> {
  if (!withEmulator) return (await parts.server).addresses;
  const [{ addresses }, emulatorUrl] = await Promise.all([parts.server, parts.emulator.url()]);
  const all = { ...addresses, emulatorUrl };
  parts.lock.update({ server: all });
  return all;
}
