import { stateFiles } from './paths.js';
import { freePort, readPorts, rememberPorts } from './ports.js';
import { reason } from './run.js';

export interface RunningEmulator {
  readonly url: string;
  close(): Promise<void>;
}

export type StartEmulator = (options: { port: number; stateFile: string }) => Promise<RunningEmulator>;

const CLOSE_PATIENCE_MS = 2000;

/** The one emulator of the state folder, started when the first user asks for it and kept until the host ends. */
export class LazyEmulator {
  private started: Promise<RunningEmulator> | undefined;

  constructor(
    private readonly stateDir: string,
    private readonly start: StartEmulator,
  ) {}

  async url(): Promise<string> {
    this.started ??= this.launch();
    return (await this.started).url;
  }

  async close(): Promise<void> {
    const emulator = await this.started?.catch(() => undefined);
    if (emulator === undefined) return;
    let timer: NodeJS.Timeout | undefined;
    // A client's open connection must not keep the host from ending.
    const patience = new Promise<void>((resolve) => (timer = setTimeout(resolve, CLOSE_PATIENCE_MS)));
    await Promise.race([emulator.close(), patience]);
    clearTimeout(timer);
  }

  /** On the same port as last time where it is free: the URIs of the files it keeps name it. */
  private async launch(): Promise<RunningEmulator> {
    const files = stateFiles(this.stateDir);
    try {
      const port = await freePort(readPorts(files.ports).emulator);
      const emulator = await this.start({ port, stateFile: files.emulator });
      rememberPorts(files.ports, { emulator: Number(new URL(emulator.url).port) });
      return emulator;
    } catch (error) {
      throw new Error(`The emulator of the Gemini Files API could not be started: ${reason(error)}`, {
        cause: error,
      });
    }
  }
}
