import { beforeEach, describe, expect, it, vi } from 'vitest';
import { commandLine, ownCommand } from '../../src/cli/own-command.js';
import { noKey } from '../../src/cli/command-context.js';
import { useCliHere } from '../support/cli-here.js';
import { stubTemporal } from '../support/stub-temporal.js';

it('the error for a missing key names what a user of the command line can set, and no option of a worker', () => {
  const { name, message } = noKey();
  expect(name).toBe('MissingCredentialsError');
  expect(message).toMatch(/GEMINI_API_KEY.*GOOGLE_API_KEY.*--config/);
  expect(message).not.toContain('Give the worker');
});

it('a command that is printed can be pasted: with npx, if npx started the tool', () => {
  expect(ownCommand({})).toBe('temporal-gemini-files');
  expect(ownCommand({ npm_command: 'run-script' })).toBe('temporal-gemini-files');
  expect(ownCommand({ npm_command: 'exec' })).toBe('npx temporal-gemini-files');
});

it('a command that is printed works on the server, with the configuration and the key of the present one', () => {
  vi.stubEnv('npm_command', undefined);
  const upload = ['upload', 'a.mp4', '--config=my files.json', '--address', 'host:7233', '--timeout', '1m'];
  const own = [...upload, '--credentials', 'team', '--profile', '', '--no-worker', '--', '--namespace', 'b'];
  expect(commandLine('wait', ['files/a', '--timeout', '10m'], own)).toBe(
    "temporal-gemini-files wait files/a --timeout 10m --address host:7233 --config 'my files.json' --credentials team --no-worker",
  );
  expect(commandLine('worker', ['--task-queue', 'my queue'], own)).toBe(
    "temporal-gemini-files worker --task-queue 'my queue' --address host:7233 --config 'my files.json'",
  );
  expect(commandLine('status', [], own)).toBe('temporal-gemini-files status --address host:7233');
  expect(commandLine('list', [], ['upload', 'a.mp4', '--address'])).toBe('temporal-gemini-files list');
});

describe.each([['upload', 'good.txt'], ['wait', 'files/a'], ['sweep'], ['worker']])(
  '%s without a key',
  (...args) => {
    const cli = useCliHere();
    beforeEach(() => {
      for (const name of ['GEMINI_API_KEY', 'GOOGLE_API_KEY']) vi.stubEnv(name, undefined);
    });

    it('also says that the server does not answer', async () => {
      const { code, stderr } = await cli.run(args);
      expect(code).toBe(1);
      expect(stderr).toMatch(
        /^MissingCredentialsError: No Gemini API key\..* No Temporal server answers at 127\.0\.0\.1:\d+: .*TEMPORAL_ADDRESS/m,
      );
    });

    it('says nothing of a server that answers, and asks it for nothing else', async () => {
      await using temporal = await stubTemporal({});
      const { code, stderr } = await cli.run([...args, '--address', temporal.address]);
      expect(code).toBe(1);
      expect(stderr).toMatch(/^MissingCredentialsError: No Gemini API key\./m);
      expect(stderr).not.toContain('No Temporal server');
      expect(temporal.calls).toEqual(['GetSystemInfo']);
    });
  },
);
