import { createServer } from 'node:net';
import { readJson, writeJson } from './json-file.js';

/** Kept between runs, so that links to the Web UI and the emulator's file URIs stay valid. */
export interface Ports {
  readonly grpc?: number;
  readonly ui?: number;
  readonly emulator?: number;
}

export function readPorts(file: string): Ports {
  const content = readJson(file);
  if (typeof content !== 'object' || content === null) return {};
  const valid = ([, port]: [string, unknown]) =>
    Number.isInteger(port) && (port as number) > 0 && (port as number) < 65536;
  return Object.fromEntries(Object.entries(content).filter(valid));
}

export function rememberPorts(file: string, ports: Ports): void {
  writeJson(file, { ...readPorts(file), ...ports });
}

/** The preferred port if it is free, else one that the system picks. Another program may still take it before it is used. */
export async function freePort(preferred?: number): Promise<number> {
  return (preferred !== undefined && (await tryBind(preferred))) || bind(0);
}

const tryBind = (port: number): Promise<number | undefined> => bind(port).catch(() => undefined);

function bind(port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().unref();
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' ? (address?.port ?? port) : port));
    });
  });
}
