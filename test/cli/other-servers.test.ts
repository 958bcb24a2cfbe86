/** Where no run is listed, the other Temporal servers of the machine are named. */

import { createServer, type AddressInfo } from 'node:net';
import { once } from 'node:events';
import { beforeEach, expect, it, vi } from 'vitest';
import { hintAtOthers, lookElsewhere } from '../../src/cli/other-servers.js';
import { freePort } from '../../src/util/free-port.js';
import { stubTemporal } from '../support/stub-temporal.js';

beforeEach(() => {
  for (const name of Object.keys(process.env).filter((each) => each.startsWith('TEMPORAL_')))
    vi.stubEnv(name, undefined);
});

it('names those that answer, and not the one that was asked', async () => {
  await using one = await stubTemporal({});
  await using two = await stubTemporal({});
  const closed = `127.0.0.1:${await freePort()}`;
  const candidates = [one.address, closed, two.address];
  expect(await hintAtOthers(one, {}, candidates)).toBe(
    `Another Temporal server answers at ${two.address}; to look there, add --address ${two.address}.`,
  );
  expect(await hintAtOthers(undefined, {}, candidates)).toContain(`${one.address} and ${two.address};`);
  expect(
    await hintAtOthers({ address: one.address.replace('127.0.0.1', 'localhost') }, {}, [one.address]),
  ).toBeUndefined();
});

it('names also the namespace, if the configuration has another one, and looks there', async () => {
  await using server = await stubTemporal({});
  const { address } = server;
  vi.stubEnv('TEMPORAL_NAMESPACE', 'films');
  const hint = `Another Temporal server answers at ${address}; to look there, add --address ${address} --namespace default.`;
  expect(await hintAtOthers(undefined, {}, [address])).toBe(hint);
  expect(await lookElsewhere('run', undefined, {}, [address])).toEqual([hint]);
  vi.stubEnv('TEMPORAL_NAMESPACE', '');
  expect(await hintAtOthers(undefined, { namespace: 'films' }, [address])).toBe(hint);
});

it('names no server that cannot be reached with the configuration of the command', async () => {
  await using server = await stubTemporal({});
  vi.stubEnv('TEMPORAL_API_KEY', 'key');
  expect(await hintAtOthers(undefined, {}, [server.address])).toBeUndefined();
  expect(await lookElsewhere('run', undefined, {}, [server.address])).toEqual([]);
});

it('sends no key to a server that the user has not named', async () => {
  await using server = await stubTemporal({});
  vi.stubEnv('TEMPORAL_ADDRESS', 'temporal.example.com:7233');
  vi.stubEnv('TEMPORAL_TLS', 'false');
  vi.stubEnv('TEMPORAL_API_KEY', 'key');
  vi.stubEnv('TEMPORAL_GRPC_META_AUTHORIZATION', 'Bearer key');
  expect(await hintAtOthers(undefined, {}, [server.address])).toContain(server.address);
  expect(await lookElsewhere('run', undefined, {}, [server.address])).toHaveLength(1);
  expect(server.calls).toContain('GetSystemInfo');
  expect(server.keys).toEqual([]);
});

it('says nothing of a server of another kind', async () => {
  const other = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.end('HTTP/1.1 400 Bad Request\r\n\r\n');
  });
  other.listen(0, '127.0.0.1');
  await once(other, 'listening');
  const address = `127.0.0.1:${(other.address() as AddressInfo).port}`;
  expect(await hintAtOthers(undefined, {}, [address])).toBeUndefined();
  other.close();
});
