/** An invalid command line is reported with its type, as text and as JSON, before a server is asked or started. */

import { describe, expect, it } from 'vitest';
import { useCliHere } from '../support/cli-here.js';

const cli = useCliHere();

describe('an invalid command line', () => {
  it.each([
    [['upload', 'good.txt', '--timeout', '5'], 'UsageError', /--timeout.*5s or 5ms\?/],
    [['sweep', '--older-than', '90'], 'UsageError', /--older-than.*90s or 90ms\?/],
    [['worker', '--shutdown-grace-time', '5'], 'UsageError', /--shutdown-grace-time.*5s or 5ms\?/],
    [
      ['worker', '--host-queue', 'videos', '--task-queue', 'videos'],
      'UsageError',
      /--host-queue and --task-queue are both videos/,
    ],
    [['worker', '--host-queue', 'gemini-files'], 'UsageError', /--host-queue and --task-queue are both/],
    [['emulator', '--processing', '3000'], 'UsageError', /--processing.*3000s or 3000ms\?/],
    [['upload', 'good.txt', '--timeout', 'abc'], 'InvalidOptionsError', /timeout.*"abc"/],
    [['upload', 'good.txt', '--poll-interval', '20s'], 'InvalidOptionsError', /maxPollInterval.*10s/],
    [['upload', 'good.txt', '--provider', 'openai'], 'UnsupportedProviderError', /openai/],
    [['upload', 'good.txt', '--timeot', '5s'], 'UsageError', /unknown option '--timeot'/],
    [['status', 'one', 'two'], 'UsageError', /too many arguments/],
    [['upload'], 'UsageError', /missing required argument 'path'/],
    [
      ['upload', 'good.txt', '--config', 'none.json'],
      'InvalidOptionsError',
      /none\.json can't be read \(ENOENT\)/,
    ],
    [['upload', 'good.txt', '--config', 'closed.json'], 'InvalidOptionsError', /closed\.json: colour/],
    [['uplaod', 'good.txt'], 'UsageError', /unknown command 'uplaod'/],
    [['emulator', '--port', '70000'], 'UsageError', /--port/],
    [['emulator', '--visible-after', 'soon'], 'UsageError', /--visible-after.*such as '3s'/],
    [['emulator', '--faults', 'none.json'], 'UsageError', /--faults.*can't be read \(ENOENT\)/],
  ])('%j is %s, exit 2', async (args, type, message) => {
    const end = await cli.run([...args, '--json']);
    expect(end.contacts).toBe(0);
    expect(end.code).toBe(2);
    const { error } = JSON.parse(end.stdout) as { error: Record<string, string> };
    expect(error.type).toBe(type);
    expect(error.message).toMatch(message);
    expect(end.stderr).toMatch(message);
    // What to do next.
    expect(end.stderr.trimEnd().split('\n').at(-1)).toMatch(
      /--help (shows|lists)|configuration\.md has the fields|^Leave the provider out/,
    );
    expect(end.stdout + end.stderr).not.toContain('sk-secret');
    expect(cli.hasState()).toBe(false);
  });
});
