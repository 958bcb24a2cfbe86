/** The command line tool with a Temporal server, a key and the emulator configured. */

import { afterAll } from 'vitest';
import { GeminiFilesEmulator } from '../../src/testing/index.js';
import { cliHome } from './cli.js';
import { useDevServer } from './temporal.js';

export const KEY = 'sk-test-0123456789abcdef';

/** For a whole test file, which ends it. A file stays PROCESSING until the test changes it. */
export async function useConfiguredCli() {
  const temporal = await useDevServer();
  const emulator = await GeminiFilesEmulator.start({ outcome: 'NEVER' });
  const home = await cliHome({
    TEMPORAL_ADDRESS: temporal.address,
    GEMINI_API_KEY: KEY,
    GOOGLE_GEMINI_BASE_URL: emulator.url,
  });
  afterAll(async () => {
    await home[Symbol.asyncDispose]();
    await emulator.close();
  });
  return { temporal, emulator, home };
}
