import type { Socket } from 'node:net';

/** What a user of the embedded server is told: where everything is. */
export interface EmbeddedAddresses {
  /** host:port of the Temporal frontend. */
  readonly address: string;
  readonly namespace: string;
  readonly uiUrl: string;
  readonly serverVersion: string;
  readonly emulatorUrl?: string;
}

/** User to host. A `probe` asks only whether the host lives, and does not count as a user. */
export type Request =
  | { readonly type: 'hello'; readonly token: string; readonly emulator?: boolean; readonly probe?: boolean }
  | { readonly type: 'bye' };

/** Host to user: `welcome` at once, then `ready` or `error`; `ending` when it takes no new users or its server has gone. */
export type Reply =
  | { readonly type: 'welcome' }
  | { readonly type: 'ready'; readonly addresses: EmbeddedAddresses }
  | { readonly type: 'error'; readonly message: string }
  | { readonly type: 'ending'; readonly reason?: string };

/** Host to the process that has started it, over Node's IPC channel: it serves now, another host does, or it cannot. */
export type HostNotice =
  | { readonly type: 'serving' }
  | { readonly type: 'taken' }
  | { readonly type: 'failed'; readonly message: string };

/** Resolves when the message has been handed to the system, or cannot be. */
export function send(socket: Socket, message: Request | Reply): Promise<void> {
  return new Promise((resolve) => {
    if (socket.writable) socket.write(`${JSON.stringify(message)}\n`, () => resolve());
    else resolve();
  });
}

const MAX_LINE = 64 * 1024;

/** One JSON object a line. Whoever sends anything else is no peer of ours, and is hung up on. */
export function onMessages<T extends { type: string }>(socket: Socket, handle: (message: T) => void): void {
  let rest = '';
  socket.setEncoding('utf8').on('data', (text: string) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    if (rest.length > MAX_LINE) socket.destroy();
    for (const line of lines) {
      const message = parse(line);
      if (message === undefined) return void socket.destroy();
      handle(message as T);
    }
  });
}

function parse(line: string): { type: string } | undefined {
  try {
    const value = JSON.parse(line) as { type?: unknown } | null;
    return typeof value?.type === 'string' ? (value as { type: string }) : undefined;
  } catch {
    return undefined;
  }
}
