import { connect, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import type { EmbeddedLock } from './lock.js';
import { isOurs } from './process-info.js';
import { onMessages, send, type EmbeddedAddresses, type Reply } from './protocol.js';

const WELCOME_MS = 5000;
/** Longer than the host takes for a server that must be killed. */
const LEAVE_MS = 15_000;

export interface Wish {
  readonly emulator?: boolean;
  readonly probe?: boolean;
}

/** A user's connection to the host; as long as it is open, the embedded server runs. */
export class ControlClient {
  /** Whether the host itself said that it ends; false after a kill -9 of it. */
  endedInOrder = false;
  private readonly closed: Promise<void>;
  private readonly welcomed: Promise<boolean>;
  private readonly answer: Promise<EmbeddedAddresses | 'ended'>;
  private left = false;
  private endReason: string | undefined;

  private constructor(private readonly socket: Socket) {
    this.closed = new Promise((resolve) => socket.once('close', () => resolve()));
    socket.on('error', () => undefined); // 'close' follows and is what counts.
    let welcome: (yes: boolean) => void = () => undefined;
    this.welcomed = new Promise((resolve) => (welcome = resolve));
    this.answer = new Promise((resolve, reject) => {
      onMessages<Reply>(socket, (reply) => {
        if (reply.type === 'welcome') welcome(true);
        else if (reply.type === 'ready') resolve(reply.addresses);
        else if (reply.type === 'error') reject(new Error(reply.message));
        else this.noteEnding(reply.reason);
      });
      socket.once('close', () => {
        welcome(false);
        resolve('ended');
      });
    });
    this.answer.catch(() => undefined); // Its reader may come later, or, for a probe, never.
  }

  /**
   * Connects to the host that the lock names. Undefined where there is none any more: its port is closed, or another program has it.
   */
  static async open(lock: EmbeddedLock, stateDir: string, wish: Wish): Promise<ControlClient | undefined> {
    const socket = connect(lock.controlPort, '127.0.0.1');
    const client = new ControlClient(socket);
    socket.once('connect', () => void send(socket, { type: 'hello', token: lock.token, ...wish }));
    const welcomed = await within(WELCOME_MS, client.welcomed);
    if (welcomed === true) return client;
    socket.destroy();
    if (welcomed === 'late' && (await isOurs(lock.pid, hostWords(stateDir)))) {
      throw new Error(
        `The host of the embedded Temporal server (process ${lock.pid}) does not answer. End that process and try again.`,
      );
    }
    return undefined;
  }

  /** The addresses once the server answers; 'ended' where the host was about to end: then a new one is wanted. */
  ready(timeoutMs: number): Promise<EmbeddedAddresses | 'ended' | 'late'> {
    return within(timeoutMs, this.answer);
  }

  /** From here on the connection does not keep the user's process alive. */
  unref(): void {
    this.socket.unref();
  }

  /** Calls back once if the server is gone before this user has left. */
  onLost(callback: (reason: Error) => void): void {
    void this.closed.then(() => {
      const why = this.endReason ?? 'its host process ended unexpectedly';
      if (!this.left) callback(new Error(`The embedded Temporal server is gone: ${why}`));
    });
  }

  /** Leaves. Where this was the last user, resolves when the server has ended. */
  async leave(): Promise<void> {
    this.left = true;
    this.socket.ref();
    void send(this.socket, { type: 'bye' });
    await within(LEAVE_MS, this.closed);
    this.socket.destroy();
  }

  /** Hangs up without a word. */
  drop(): void {
    this.socket.destroy();
  }

  private noteEnding(reason: string | undefined): void {
    this.endedInOrder = true;
    this.endReason = reason;
  }
}

/** What a host's command line has, by which its process is known. */
export const hostWords = (stateDir: string): readonly string[] => ['--state-dir', stateDir];

async function within<T>(ms: number, promise: Promise<T>): Promise<T | 'late'> {
  const timer = new AbortController();
  const late = delay(ms, 'late' as const, { signal: timer.signal }).catch(() => 'late' as const);
  try {
    return await Promise.race([promise, late]);
  } finally {
    timer.abort();
  }
}
