import { Connection } from '@temporalio/client';
import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

const POLL_MS = 25;

/** Waits until the frontend serves the namespace and the Web UI accepts connections; gives the server's version. */
export async function untilAnswering(address: string, uiPort: number, signal: AbortSignal): Promise<string> {
  const connection = Connection.lazy({
    address,
    // A proxy from the environment is for the world outside, not for loopback.
    channelArgs: { 'grpc.enable_http_proxy': 0 },
  });
  try {
    // The channel itself backs off for a second after a refused connection, so it is first used when the port is open.
    await Promise.all([untilOpen(portOf(address), signal), untilOpen(uiPort, signal)]);
    const { serverVersion } = await untilSucceeding(
      () => connection.workflowService.getSystemInfo({}),
      signal,
    );
    await untilSucceeding(
      () => connection.workflowService.describeNamespace({ namespace: 'default' }),
      signal,
    );
    return serverVersion;
  } finally {
    await connection.close();
  }
}

const portOf = (address: string): number => Number(address.slice(address.lastIndexOf(':') + 1));

function untilOpen(port: number, signal: AbortSignal): Promise<void> {
  return untilSucceeding(
    () =>
      new Promise<void>((resolve, reject) => {
        const socket = connect(port, '127.0.0.1', () => {
          socket.destroy();
          resolve();
        });
        socket.once('error', reject);
      }),
    signal,
  );
}

async function untilSucceeding<T>(attempt: () => Promise<T>, signal: AbortSignal): Promise<T> {
  for (;;) {
    signal.throwIfAborted();
    try {
      return await attempt();
    } catch {
      await delay(POLL_MS, undefined, { signal });
    }
  }
}
