import { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { addOptionFlags, toUploadOptions, type UploadFlags } from '../../src/cli/upload/flags.js';
import { flagLine } from '../../src/cli/upload/flag-line.js';
import { UPLOAD_FIELDS } from '../../src/contract/options.js';

const command = () => addOptionFlags(new Command('upload').exitOverride(), 'upload');

/** The options that the arguments give. */
const parse = (...args: string[]) =>
  toUploadOptions('a.mp4', command().parse(args, { from: 'user' }).opts<UploadFlags>());

/** The help text on one line. */
const help = () => command().helpInformation().replace(/\s+/g, ' ');

describe('the flags of an upload', () => {
  it('set every option but the path and the source', () => {
    const args: Record<string, string[]> = {
      provider: ['--provider', 'google'],
      displayName: ['--display-name', 'My film'],
      mimeType: ['--mime-type', 'video/mp4'],
      timeout: ['--timeout', '90s'],
      pollInterval: ['--poll-interval', '500ms'],
      maxPollInterval: ['--max-poll-interval', '20s'],
      backoffCoefficient: ['--backoff-coefficient', '2.5'],
      jitter: ['--jitter', '0'],
      cleanupOnTimeout: ['--no-cleanup-on-timeout'],
      uploadTimeout: ['--upload-timeout', '1h'],
      onQuotaFull: ['--on-quota-full', 'wait'],
      cleanupTimeout: ['--cleanup-timeout', '5m'],
      credentials: ['--credentials', 'team-a'],
      taskQueue: ['--task-queue', 'host-1'],
    };
    expect(Object.keys(args)).toEqual(
      Object.keys(UPLOAD_FIELDS).filter((name) => name !== 'path' && name !== 'source'),
    );
    expect(parse(...Object.values(args).flat())).toEqual({
      path: 'a.mp4',
      provider: 'google',
      displayName: 'My film',
      mimeType: 'video/mp4',
      timeout: '90s',
      pollInterval: '500ms',
      maxPollInterval: '20s',
      backoffCoefficient: 2.5,
      jitter: '0',
      cleanupOnTimeout: false,
      uploadTimeout: '1h',
      onQuotaFull: 'wait',
      cleanupTimeout: '5m',
      credentials: 'team-a',
      taskQueue: 'host-1',
    });
  });

  it('leave out what is not given, so that the defaults of the worker apply', () => {
    expect(parse()).toEqual({ path: 'a.mp4' });
  });

  it('leave the source to the argument', () => {
    expect(toUploadOptions({ source: 'media:a.mp4' }, {})).toEqual({ source: 'media:a.mp4' });
    expect(() => parse('--source', 'media:a.mp4')).toThrow(/unknown option/);
  });

  it.each([
    ['5', '5s or 5ms'],
    ['90', '90s or 90ms'],
    [' 1.5 ', '1.5s or 1.5ms'],
  ])('refuse the duration %j, which has no unit, with both readings', (value, readings) => {
    for (const flag of ['timeout', 'poll-interval', 'max-poll-interval', 'upload-timeout', 'cleanup-timeout'])
      expect(() => parse(`--${flag}`, value)).toThrow(
        new RegExp(
          `'--${flag} <duration>' argument '${value}' is invalid\\. A duration has a unit: ${readings}\\?`,
        ),
      );
  });

  it.each(['-5', 'Infinity', '1e3', '0x10', '5x', '1h30m', '-5s', 'soon', ''])(
    'refuse %j, which is no duration, and say what one looks like',
    (value) => {
      const command = addOptionFlags(
        new Command('upload').exitOverride().configureOutput({ writeErr: () => undefined }),
        'upload',
      );
      const refused = () => command.parse(['--timeout', value], { from: 'user' });
      expect(refused).toThrow(/expected a number with a unit, such as '3s', '500ms' or '10m'/);
    },
  );

  it('take the word none for null, if the option can be null', () => {
    expect(parse('--max-poll-interval', 'none')).toEqual({ path: 'a.mp4', maxPollInterval: null });
    expect(parse('--display-name', 'none')).toEqual({ path: 'a.mp4', displayName: 'none' });
  });

  it('are described with their bounds and defaults, and with the names of other flags', () => {
    expect(help()).toContain(
      '--poll-interval <duration> first wait between two checks. From 100 ms to 48 h (default: 2s)',
    );
    expect(help()).toMatch(/--max-poll-interval <duration> .* not below --poll-interval; none for no cap\./);
    expect(help()).toContain('--backoff-coefficient <number>');
    expect(help()).toContain('--mime-type <type> MIME type, such as video/mp4,');
    expect(help()).toContain(
      '--no-cleanup-on-timeout do not delete the file on timeout, on failure and on cancellation --',
    );
  });
});

describe('the line about the flag of an option', () => {
  it.each([
    ['Invalid option mimeType: expected a MIME type', 'On the command line, mimeType is --mime-type.'],
    [
      'Invalid option cleanupOnTimeout: expected true or false',
      'On the command line, cleanupOnTimeout is --no-cleanup-on-timeout.',
    ],
    ['Invalid option for: required, got undefined', 'On the command line, for is --for.'],
    ['Invalid option path: required', undefined],
    ['Invalid option baseUrl: expected a URL', undefined],
  ])('%s: %s', (message, line) => {
    expect(flagLine({ type: 'InvalidOptionsError', message })).toBe(line);
    expect(flagLine({ type: 'ProviderError', message })).toBeUndefined();
  });
});
