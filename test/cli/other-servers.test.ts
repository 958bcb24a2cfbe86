/** Where no run is listed, the other Temporal servers of the machine are named. */

import { createServer, type AddressInfo } from 'node:net';
import { once } from 'node:events';
import { expect, it } from 'vitest';
import { hintAtOthers } from '../../src/cli/other-servers.js';
import { freePort } from '../../src/util/free-port.js';
import { stubTemporal } from '../support/stub-temporal.js';

it('names those that answer, and not the one that was asked', async () => {
  await using one = await stubTemporal({});
  await using two = await stubTemporal({});
  const closed = `127.0.0.1:${await freePort()}`;
  const candidates = [one.address, closed, two.address];
  expect(await hintAtOthers(one, candidates)).toBe(
    `Another Temporal server answers at ${two.address}; to look there, add --address ${two.address}.`,
  );
  expect(await hintAtOthers(undefined, candidates)).toContain(`${one.address} and ${two.address};`);
  expect(
    await hintAtOthers({ address: one.address.replace('127.0.0.1', 'localhost') }, [one.address]),
  ).toBeUndefined();
});

it('says nothing of a server of another kind', async () => {
  const other = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.end('HTTP/1.1 400 Bad Request\r\n\r\n');
  });
  other.listen(0, '127.0.0.1');
  await once(other, 'listening');
  const address = `127.0.0.1:${(other.address() as AddressInfo).port}`;
  expect(await hintAtOthers(undefined, [address])).toBeUndefined();
  other.close();
});
