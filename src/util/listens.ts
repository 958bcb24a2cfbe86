import { connect } from 'node:net';

/** A listener on this machine accepts within milliseconds. */
const ACCEPT_MS = 500;

/** Whether something listens at `host:port`. Meant for this machine: a distant host may need longer than the bound. */
export function listens(address: string): Promise<boolean> {
  const [, host = '', port = ''] = /^\[?(.*?)\]?:(\d+)$/.exec(address) ?? [];
  return new Promise((resolve) => {
    const socket = connect({ host, port: Number(port), timeout: ACCEPT_MS });
    const end = (accepted: boolean) => {
      socket.destroy();
      resolve(accepted);
    };
    socket.once('connect', () => end(true));
    socket.once('timeout', () => end(false));
    socket.once('error', () => end(false));
  });
}
