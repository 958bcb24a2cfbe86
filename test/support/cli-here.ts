/** Command lines that run in this process, beside a server that counts who contacts it. */

import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, vi } from 'vitest';
import { runCli } from '../../src/cli/program.js';

/** In a folder with `good.txt`, `broken.json` and `closed.json`, until the end of the test file. */
export function useCliHere() {
  let folder: string;
  const server = createServer();
  let contacts = 0;
  server.on('connection', (socket) => {
    contacts += 1;
    socket.destroy();
  });

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'gemini-files-no-contact-'));
    await writeFile(join(folder, 'good.txt'), 'hello');
    await writeFile(join(folder, 'broken.json'), '{');
    await writeFile(join(folder, 'closed.json'), '{"apiKey": "sk-secret-1", "colour": 1}');
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
  });
  afterAll(async () => {
    server.close();
    await rm(folder, { recursive: true });
  });

  beforeEach(() => {
    const address = `127.0.0.1:${(server.address() as AddressInfo).port}`;
    vi.spyOn(process, 'cwd').mockReturnValue(folder);
    vi.stubEnv('TEMPORAL_ADDRESS', address);
    vi.stubEnv('GOOGLE_GEMINI_BASE_URL', `http://${address}`);
    vi.stubEnv('GEMINI_API_KEY', 'sk-test-0123456789');
    for (const name of ['XDG_STATE_HOME', 'XDG_CONFIG_HOME']) vi.stubEnv(name, join(folder, name));
  });
  afterEach(() => vi.restoreAllMocks());

  /** Runs a command line. */
  async function run(args: readonly string[]) {
    contacts = 0;
    const texts = { stdout: '', stderr: '' };
    const written = (['stdout', 'stderr'] as const).map((name) =>
      vi.spyOn(process[name], 'write').mockImplementation((chunk) => {
        texts[name] += String(chunk);
        return true;
      }),
    );
    const code = await runCli(args);
    for (const spy of written) spy.mockRestore();
    return { code, contacts, ...texts, text: texts.stdout + texts.stderr };
  }

  return { run, hasState: () => existsSync(join(folder, 'XDG_STATE_HOME')) };
}
