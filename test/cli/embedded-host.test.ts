/** The host run in this process, so that its emulator can be a fake; and the lock by itself. */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { isNewer } from '../../src/cli/embedded/database-version.js';
import { attachEmbedded, findTemporalCli } from '../../src/cli/embedded/index.js';
import type { StartEmulator } from '../../src/cli/embedded/lazy-emulator.js';
import { HeldLock, readLatestLock, type EmbeddedLock } from '../../src/cli/embedded/lock.js';
import { runHost } from '../../src/cli/embedded/run-host.js';

let stateDir: string;
/** Ends a test's hosts where it failed before it had left them. */
let cleanUp: AbortController;
let hosts: Promise<string>[];

beforeEach(() => {
  stateDir = mkdtempSync(join(tmpdir(), 'embedded-host-'));
  cleanUp = new AbortController();
  hosts = [];
});
afterEach(async () => {
  cleanUp.abort();
  await Promise.all(hosts);
  rmSync(stateDir, { recursive: true, force: true });
});

/** Resolves when users can connect; the host's end is in `ended`. */
async function startHost(startEmulator: StartEmulator): Promise<{ ended: Promise<string> }> {
  const cli = await findTemporalCli();
  return new Promise((resolve) => {
    const ended = runHost({
      stateDir,
      cli,
      startEmulator,
      signal: cleanUp.signal,
      onServing: () => resolve({ ended }),
    });
    hosts.push(ended);
  });
}

describe('the emulator', () => {
  it('is started once, when first asked for, and keeps its port between runs', async () => {
    const starts: { port: number; stateFile: string }[] = [];
    const startEmulator: StartEmulator = async (options) => {
      starts.push(options);
      const server = createServer();
      await new Promise<void>((resolve) => server.listen(options.port, '127.0.0.1', resolve));
      const { port } = server.address() as AddressInfo;
      const close = (): Promise<void> => new Promise((resolve) => server.close(() => resolve()));
      return { url: `http://127.0.0.1:${port}`, close };
    };
    const urls = [];
    for (let round = 1; round <= 2; round++) {
      const { ended } = await startHost(startEmulator);
      const plain = await attachEmbedded({ stateDir });
      expect(plain.emulatorUrl).toBeUndefined();
      expect(starts).toHaveLength(round - 1);
      const [one, two] = await Promise.all([
        attachEmbedded({ stateDir, emulator: true }),
        attachEmbedded({ stateDir, emulator: true }),
      ]);
      expect(one.emulatorUrl).toBe(two.emulatorUrl);
      expect(starts).toHaveLength(round);
      urls.push(one.emulatorUrl);
      await Promise.all([plain, one, two].map((server) => server.release()));
      expect(await ended).toBe('ended');
    }
    expect(urls[0]).toBe(urls[1]);
    expect(starts[0]?.stateFile).toBe(join(stateDir, 'emulator-files.json'));
  }, 60_000);

  it('that does not start is an error for who asked, not for the others', async () => {
    const { ended } = await startHost(() => Promise.reject(new Error('no room')));
    const plain = await attachEmbedded({ stateDir });
    await expect(attachEmbedded({ stateDir, emulator: true })).rejects.toThrow(/emulator.*: no room/);
    await plain.release();
    await ended;
  }, 60_000);
});

describe('the lock', () => {
  const content = (pid: number): EmbeddedLock => ({ pid, controlPort: 1, token: String(pid), startedAt: '' });

  it('goes to one of those who outbid the same stale generation', () => {
    const one = HeldLock.outbid(stateDir, 0, content(1));
    expect(HeldLock.outbid(stateDir, 0, content(2))).toBeUndefined();
    expect(one?.generation).toBe(1);
    expect(readLatestLock(stateDir)).toMatchObject({ generation: 1, lock: { pid: 1 } });
  });

  it('is not given to a latecomer whose number is free again because later holders cleared it away', () => {
    HeldLock.outbid(stateDir, 0, content(1));
    HeldLock.outbid(stateDir, 1, content(2));
    expect(HeldLock.outbid(stateDir, 0, content(3))).toBeUndefined();
    expect(readLatestLock(stateDir)).toMatchObject({ generation: 2, lock: { pid: 2 } });
    expect(readdirSync(stateDir)).toEqual(['embedded-2.lock']);
  });

  it('is not overwritten by a holder that was taken for dead', () => {
    const slow = HeldLock.outbid(stateDir, 0, content(1));
    HeldLock.outbid(stateDir, 1, content(2));
    expect(slow?.isOutbid()).toBe(true);
    slow?.end();
    expect(readLatestLock(stateDir).lock?.endedAt).toBeUndefined();
    expect(readdirSync(stateDir)).toEqual(['embedded-2.lock']);
  });

  it('keeps its generation when its holder ends, so that numbers only grow', () => {
    HeldLock.outbid(stateDir, 0, content(1))?.end();
    expect(readLatestLock(stateDir)).toMatchObject({ generation: 1, lock: { pid: 1 } });
    expect(readLatestLock(stateDir).lock?.endedAt).toMatch(/^\d{4}-/);
  });
});

describe('versions of the database', () => {
  it.each([
    ['1.33.0', '1.32.5', true],
    ['2.0.0', '1.99.0', true],
    ['1.32.9', '1.32.0', false],
    ['1.9.0', '1.32.0', false],
    ['1.32.0-rc1', '1.31.0', true],
    ['unknown', '1.32.0', false],
  ])('%s against %s: newer is %s', (a, b, newer) => {
    expect(isNewer(a, b)).toBe(newer);
  });
});
