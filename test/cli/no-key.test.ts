import { expect, it } from 'vitest';
import { ownCommand } from '../../src/cli/own-command.js';
import { noKey } from '../../src/cli/command-context.js';

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
