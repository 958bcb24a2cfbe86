/** Uploads to one provider share what they have found out about the way to it. */

import { expect, it } from 'vitest';
import { knownSpeedTo, type KnownSpeed } from '../../src/gemini/known-speed.js';
import { GeminiFilesEmulator } from '../../src/testing/index.js';
import { useTestFolder } from '../support/files.js';
import { MiB, story, uploading } from '../support/upload.js';

const folder = await useTestFolder();

interface Provider extends AsyncDisposable {
  readonly known: KnownSpeed;
  /** Uploads so many MiB, and returns what was sent. */
  readonly upload: (name: string, mib: number) => Promise<string[]>;
  readonly emulator: GeminiFilesEmulator;
}

async function provider(): Promise<Provider> {
  const emulator = await GeminiFilesEmulator.start();
  return {
    emulator,
    known: knownSpeedTo(new URL(emulator.url).origin),
    upload: async (name, mib) => {
      const before = story(emulator).length;
      await uploading(emulator.url, await folder.file(`${name}.bin`, mib * MiB), { name: `files/${name}` });
      return story(emulator).slice(before);
    },
    [Symbol.asyncDispose]: () => emulator.close(),
  };
}

it('the first request has the length that the speed of the last upload allows', async () => {
  await using at = await provider();
  expect(await at.upload('first', 70)).toEqual(['start 200', 'upload 0+64 200', 'finalize 64+6 200']);
  expect(at.known.firstBytes).toBe(512 * MiB);
  expect(await at.upload('second', 70)).toEqual(['start 200', 'finalize 0+70 200']);
  at.known.learn(MiB);
  expect(await at.upload('third', 17)).toContain('upload 0+8 200');
});

it('the last request tells it too', async () => {
  await using at = await provider();
  at.known.learn(70 * MiB);
  await at.upload('whole', 70);
  expect(at.known.firstBytes).toBe(512 * MiB);
});

it('a break of which nothing was kept ends that', async () => {
  await using at = await provider();
  at.known.learn(512 * MiB);
  at.emulator.addFaults({ on: 'upload', do: 'reset' });
  await at.upload('broken', 9);
  expect(at.known.firstBytes).toBeUndefined();
});
