/** Server and worker are down while the deadline passes: when they are back, the run checks first, and the file is kept. */

import { afterEach, beforeEach, expect, it } from 'vitest';
import { fileURLToPath } from 'node:url';
import { GeminiFilesEmulator } from '../../src/testing/index.js';
import { cliHome, type CliHome } from '../support/cli.js';
import { killDevServer } from '../support/dev-server.js';

const SAMPLE = fileURLToPath(new URL('../../samples/sample.mp4', import.meta.url));
const TIMEOUT_MS = 5000;

let home: CliHome;
beforeEach(async () => {
  home = await cliHome();
});
afterEach(async () => {
  killDevServer(home.stateDir);
  await home[Symbol.asyncDispose]();
});

it('returns the file that became ACTIVE in the meantime', async () => {
  await using emulator = await GeminiFilesEmulator.start({ outcome: 'NEVER' });
  const env = { GEMINI_API_KEY: 'sk-test-0123456789', GOOGLE_GEMINI_BASE_URL: emulator.url };
  const wait = ['--timeout', `${TIMEOUT_MS}ms`, '--poll-interval', '1s', '--max-poll-interval', '1h'];
  const flags = ['upload', SAMPLE, '--json', ...wait, '--backoff-coefficient', '100'];
  const first = home.start(flags, { env });
  // The next check would be the last one, at the deadline.
  await first.stderr(/^check 1: PROCESSING/m);
  first.child.kill('SIGKILL');
  await first.ended;
  killDevServer(home.stateDir);

  const [name = ''] = emulator.files.keys();
  const uploaded = Date.parse(emulator.files.get(name)?.createTime ?? '');
  emulator.activate(name);
  // Time itself has to pass the deadline.
  await new Promise((resolve) => setTimeout(resolve, Math.max(0, uploaded + TIMEOUT_MS + 1000 - Date.now())));
  const before = emulator.requests.length;
  const end = await home.run(flags, { env });
  expect(end).toMatchObject({ code: 0 });
  expect(end.stderr).toMatch(/^Attached to the open run of this file/m);
  expect(end.json()).toMatchObject({ id: name, state: 'ACTIVE', polls: 2 });
  expect(emulator.requests.slice(before).map(({ operation }) => operation)).toEqual(['get']);
  expect([...emulator.files.keys()]).toEqual([name]);
});
