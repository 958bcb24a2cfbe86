/** Connections of a source to servers that write the bytes of a test. */

import type { Socket } from 'node:net';
import { afterEach } from 'vitest';
import { Connections, type GetAnswer } from '../../src/sources/http-get.js';
import { SOURCE_LIMITS, type SourceLimits } from '../../src/sources/limits.js';
import type { OpenContext } from '../../src/sources/index.js';
import { rawServer, type ListeningServer } from './raw-server.js';

export const answer = (text: string, headers = '') =>
  `HTTP/1.1 200 OK\r\ncontent-length: ${text.length}\r\n${headers}\r\n${text}`;

export async function textOf({ body }: Pick<GetAnswer, 'body'>): Promise<string> {
  let text = '';
  for await (const part of body) text += String(part);
  return text;
}

export interface ServerOptions {
  readonly limits?: SourceLimits;
  readonly allowHalfOpen?: boolean;
}

/** A GET to the server of a test. */
export interface Gets {
  readonly get: (
    path?: string,
    headers?: Record<string, string>,
    signal?: OpenContext['signal'],
  ) => Promise<GetAnswer>;
  /** The body of the answer. */
  readonly read: (path?: string) => Promise<string>;
}

export interface SourceConnections {
  readonly connect: (server: ListeningServer, limits?: SourceLimits) => Connections;
  /** @param write - called with the head of each request */
  readonly serverThat: (
    write: (socket: Socket, head: string, connection: number) => void,
    options?: ServerOptions,
  ) => Promise<Gets>;
}

/** For the tests of a file: what they open is closed after each. */
export function useSourceConnections(): SourceConnections {
  const opened: { server: ListeningServer; connections: Connections }[] = [];
  afterEach(async () => {
    for (const { server, connections } of opened.splice(0)) {
      connections.close();
      await server[Symbol.asyncDispose]();
    }
  });
  const connect: SourceConnections['connect'] = (server, limits = SOURCE_LIMITS) => {
    const connections = new Connections({ isAllowedAddress: () => true, limits });
    opened.push({ server, connections });
    return connections;
  };
  const { signal } = new AbortController();
  const serverThat: SourceConnections['serverThat'] = async (
    write,
    { limits, allowHalfOpen = false } = {},
  ) => {
    const server = await rawServer(write, { allowHalfOpen });
    const connections = connect(server, limits);
    const get: Gets['get'] = (path = '/', headers = {}, ended = signal) =>
      connections.get(new URL(path, server.url), headers, ended);
    return { get, read: async (path) => textOf(await get(path)) };
  };
  return { connect, serverThat };
}
