import { afterAll, beforeAll, expect, it } from 'vitest';
import { GeminiFilesEmulator } from '../../src/testing/index.js';
import { formatTime } from '../../src/cli/terminal/format.js';
import { cliHome, type CliHome } from '../support/cli.js';

const KEY = 'AIza-usage-0123456789-0123456789-abcdefg';
let home: CliHome;
let emulator: GeminiFilesEmulator;
beforeAll(async () => {
  emulator = await GeminiFilesEmulator.start({ apiKeys: [KEY, 'profile-key-0123456789'] });
  home = await cliHome({ GEMINI_API_KEY: KEY, GOOGLE_GEMINI_BASE_URL: emulator.url });
  emulator.addFile({ content: 'x'.repeat(1_500_000), apiKey: KEY });
});
afterAll(async () => {
  await emulator.close();
  await home[Symbol.asyncDispose]();
});

it('prints what is in use, for people and as JSON', async () => {
  const [file] = emulator.files.values();
  const expirationTime = file?.expirationTime ?? '';
  const json = await home.run(['usage', '--json']);
  expect(json.json()).toEqual({
    files: 1,
    bytes: 1_500_000,
    quotaBytes: 21_474_836_480,
    processing: 0,
    failed: 0,
    oldestExpirationTime: expirationTime,
  });
  const { code, stdout } = await home.run(['usage']);
  expect(code).toBe(0);
  expect(stdout).toBe(
    `files         1\nin use        1.5 MB of 21.5 GB (0 %)\nprocessing    0\nfailed        0\nnext expires  ${formatTime(expirationTime)}\n`,
  );
});

it('doctor shows the time of the next file as usage does', async () => {
  const [file] = emulator.files.values();
  const end = await home.run(['doctor', '--json']);
  const { checks } = end.json<{ checks: { name: string; detail: string }[] }>();
  expect(checks.find(({ name }) => name === 'storage')?.detail).toMatch(
    new RegExp(`, the next expires ${formatTime(file?.expirationTime ?? '').replace('+', '\\+')}$`),
  );
});

it('takes the key of a credentials profile', async () => {
  const config = await home.file(
    'profiles.json',
    JSON.stringify({ baseUrl: emulator.url, profiles: { other: { apiKey: 'profile-key-0123456789' } } }),
  );
  const end = await home.run(['usage', '--config', config, '--credentials', 'other', '--json'], {
    env: { GEMINI_API_KEY: '' },
  });
  expect(end.json()).toMatchObject({ files: 0, bytes: 0, oldestExpirationTime: null });
});

it.each(['usage', 'list'])('%s fails with the types of the contract', async (command) => {
  const env = { GEMINI_API_KEY: 'AIza-wrong-0123456789-0123456789-abcdef' };
  const wrong = await home.run([command, '--json'], { env });
  expect(wrong.json()).toMatchObject({
    error: { type: 'InvalidCredentialsError', provider: 'google', status: 400, kind: 'credentials' },
  });
  const nobody = { GOOGLE_GEMINI_BASE_URL: 'http://127.0.0.1:1' };
  const none = await home.run([command, '--json'], { env: nobody });
  expect(none).toMatchObject({ code: 1 });
  expect(none.json()).toMatchObject({ error: { type: 'ProviderError', kind: 'connection' } });
});

it('says that there is no key, or that it is refused', async () => {
  const none = await home.run(['usage', '--json'], { env: { GEMINI_API_KEY: '' } });
  expect(none).toMatchObject({ code: 1 });
  expect(none.json()).toMatchObject({ error: { type: 'MissingCredentialsError' } });
  const env = { GEMINI_API_KEY: 'AIza-wrong-0123456789-0123456789-abcdef' };
  const wrong = await home.run(['usage'], { env });
  expect(wrong.code).toBe(1);
  expect(wrong.stderr).toContain('API key not valid');
  expect(wrong.stderr).toContain('Correct the key.');
});
