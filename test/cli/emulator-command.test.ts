import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { cliHome, type CliHome } from '../support/cli.js';
import { listensOn } from '../support/listeners.js';

let home: CliHome;
beforeAll(async () => {
  home = await cliHome();
});
afterAll(() => home[Symbol.asyncDispose]());

it('prints {"url": …} and answers there until Ctrl-C, which ends it with exit 0', async () => {
  const emulator = home.start(['emulator', '--port', '0', '--processing', '3s', '--json']);
  const [line] = await emulator.stdout(/^.*\n/);
  const { url } = JSON.parse(line) as { url: string };
  expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
  const answer = await fetch(`${url}/v1beta/files`, { headers: { 'x-goog-api-key': 'any' } });
  expect(answer.status).toBe(200);
  if (process.platform === 'linux') expect(listensOn(emulator.child.pid ?? 0)).toEqual(['127.0.0.1']);
  emulator.child.kill('SIGINT');
  const end = await emulator.ended;
  expect(end).toMatchObject({ code: 0, signal: null, stdout: `{"url":"${url}"}\n` });
  expect(end.stderr).toContain(`GOOGLE_GEMINI_BASE_URL=${url}`);
});

it('says that a port is in use, and what to do', async () => {
  const taken = createServer().listen(0, '127.0.0.1');
  await once(taken, 'listening');
  const { port } = taken.address() as AddressInfo;
  const end = await home.run(['emulator', '--port', String(port), '--json']);
  taken.close();
  expect(end.code).toBe(1);
  const message = `Port ${port} is in use on 127.0.0.1; give another with --port, or 0 for any free one`;
  expect(end.json()).toEqual({ error: { type: 'Error', message } });
});
