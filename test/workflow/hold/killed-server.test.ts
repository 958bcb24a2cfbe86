/** A Temporal server that is killed in the middle of a hold, and started again with its database. */

import { spawn, type ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { expect, inject, it } from 'vitest';
import { GeminiFilesClient, type HoldStatus } from '../../../src/client/index.js';
import { GeminiFilesEmulator } from '../../../src/testing/index.js';
import { freePort } from '../../../src/util/free-port.js';
import { testFolder } from '../../support/files.js';
import { killHard, workerProcess } from '../../support/worker-process.js';

it('keeps its leases and its file, and renews it', async () => {
  await using folder = await testFolder();
  await folder.file('talk.mp4', 1000);
  // A renewal is due six seconds after each upload: one comes while no server runs.
  await using emulator = await GeminiFilesEmulator.start({ processing: 0, retention: '5m' });
  const port = await freePort();
  const address = `127.0.0.1:${port}`;
  await using serverFolder = await testFolder();
  const database = join(serverFolder.path, 'temporal.db');
  let server = startServer(port, database);
  const taskQueue = `killed-${randomUUID()}`;
  const connection = await connect(address);
  const worker = await workerProcess({
    address,
    namespace: 'default',
    taskQueue,
    baseUrl: emulator.url,
    apiKey: 'test-key',
    allowedRoots: [folder.path],
  });
  try {
    const files = new GeminiFilesClient(new Client({ connection }), { taskQueue });
    const settings = { for: '1h', holdId: randomUUID(), renewBefore: '294s', grace: '0s' } as const;
    const held = await files.hold('talk.mp4', settings);
    const other = await files.hold('talk.mp4', settings);
    await killHard(server);
    await new Promise((resolve) => setTimeout(resolve, 6500));
    // No server has a renewal, but the file is there.
    expect([...emulator.files.keys()]).toEqual([held.file.id]);
    server = startServer(port, database);
    await connect(address).then((again) => again.close());
    await emulator.waitFor(() => !emulator.files.has(held.file.id));
    const file = await other.current();
    expect(file.id).not.toBe(held.file.id);
    expect(emulator.files.has(file.id)).toBe(true);
    const { leases, renewals } = await held.workflow.query<HoldStatus>('heldFile');
    expect(leases.map(({ id }) => id)).toEqual([held.leaseId, other.leaseId]);
    expect(renewals).toBeGreaterThan(0);
    await held.release();
    await other.release();
    expect(await held.workflow.result()).toMatchObject({ leases: 2, cleanup: 'deleted' });
    expect(emulator.files.size).toBe(0);
  } finally {
    await killHard(worker);
    await connection.close();
    await killHard(server);
  }
});

function startServer(port: number, database: string): ChildProcess {
  const args = ['--ip', '127.0.0.1', '--port', String(port), '--headless', '--db-filename', database];
  return spawn(inject('temporalCli'), ['server', 'start-dev', ...args, '--log-level', 'never'], {
    stdio: 'ignore',
  });
}

/** Waits until the server answers. */
async function connect(address: string): Promise<Connection> {
  for (let tries = 0; ; tries += 1) {
    const connection = Connection.lazy({ address });
    try {
      await connection.workflowService.describeNamespace({ namespace: 'default' });
      return connection;
    } catch (error) {
      await connection.close();
      if (tries === 100) throw error;
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  }
}
