import { describe, expect, it } from 'vitest';
import { UnsupportedProviderError } from '../../src/contract/errors.js';
import { resolveUploadOptions } from '../../src/contract/options.js';
import { refusalOf } from '../support/refusal.js';

const path = 'a.mp4';
const resolve = (more: object) => resolveUploadOptions({ path, ...more });

describe('resolveUploadOptions', () => {
  it('fills in the defaults', () => {
    expect(resolve({})).toEqual({
      path,
      provider: 'google',
      timeout: 120_000,
      pollInterval: 2000,
      maxPollInterval: 10_000,
      backoffCoefficient: 1.5,
      jitter: 200,
      cleanupOnTimeout: true,
      uploadTimeout: 7_200_000,
      onQuotaFull: 'fail',
      cleanupTimeout: 600_000,
    });
  });

  it('reads durations as Temporal does and leaves the input alone', () => {
    const input = Object.freeze({
      path,
      timeout: '90s',
      pollInterval: 500,
      jitter: '0',
      maxPollInterval: null,
    });
    expect(resolveUploadOptions(input)).toMatchObject({
      timeout: 90_000,
      pollInterval: 500,
      jitter: 0,
      maxPollInterval: null,
    });
    expect(input.timeout).toBe('90s');
  });

  it.each([
    ['timeout', 0],
    ['mimeType', 'jsonl'],
    ['mimeType', 'application/jsonl'],
    ['timeout', '48h'],
    ['pollInterval', 100],
    ['maxPollInterval', '48h'],
    ['backoffCoefficient', 1],
    ['backoffCoefficient', 100],
    ['jitter', 0],
    ['jitter', '48h'],
    ['uploadTimeout', 1000],
    ['uploadTimeout', '48h'],
    ['cleanupTimeout', 1000],
    ['cleanupTimeout', '48h'],
    ['displayName', 'é'.repeat(512)],
    // Characters are code points, whatever they take in UTF-16.
    ['displayName', '🎬'.repeat(512)],
    ['path', 'p'.repeat(4096)],
    ['mimeType', 'Video/X-MATROSKA'],
    ['taskQueue', 'q'.repeat(1000)],
    ['credentials', 'c'.repeat(128)],
  ])('takes %s at its bound', (field, value) => {
    expect(() => resolve({ [field]: value })).not.toThrow();
  });

  const notDuration = "expected a duration: a number of milliseconds or a string such as '90s', not negative";
  it.each([
    ['timeout', -1, `${notDuration}, got -1`],
    ['timeout', '-5s', `${notDuration}, got "-5s"`],
    ['timeout', 'soon', `${notDuration}, got "soon"`],
    ['timeout', '', `${notDuration}, got ""`],
    ['timeout', NaN, `${notDuration}, got NaN`],
    ['timeout', Infinity, `${notDuration}, got Infinity`],
    ['timeout', null, `${notDuration}, got null`],
    ['timeout', [], `${notDuration}, got []`],
    ['timeout', 10n, `${notDuration}, got 10n`],
    ['timeout', 172_800_001, 'expected at most 48h (172800000ms), got 172800001'],
    ['pollInterval', 99, 'expected at least 100ms, got 99'],
    ['pollInterval', '0s', 'expected at least 100ms, got "0s"'],
    ['pollInterval', 172_800_001, 'expected at most 48h (172800000ms), got 172800001'],
    ['maxPollInterval', 99, 'expected at least 100ms, got 99'],
    ['maxPollInterval', '1s', 'expected at least pollInterval, or null for no cap, got "1s"'],
    ['backoffCoefficient', 0.99, 'expected at least 1, got 0.99'],
    ['backoffCoefficient', 101, 'expected at most 100, got 101'],
    ['backoffCoefficient', '2', 'expected a number, got "2"'],
    ['backoffCoefficient', NaN, 'expected a number, got NaN'],
    ['jitter', -1, `${notDuration}, got -1`],
    ['cleanupOnTimeout', 'yes', 'expected true or false, got "yes"'],
    ['uploadTimeout', 999, 'expected at least 1s (1000ms), got 999'],
    ['onQuotaFull', 'retry', 'expected one of fail, wait, got "retry"'],
    ['onQuotaFull', null, 'expected one of fail, wait, got null'],
    ['uploadTimeout', '5', 'expected at least 1s (1000ms), got "5"'],
    ['uploadTimeout', '49h', 'expected at most 48h, got "49h"'],
    ['cleanupTimeout', '0.5s', 'expected at least 1s, got "0.5s"'],
    ['path', 5, 'expected a string, got 5'],
    ['path', '', 'expected a string that is not empty, got ""'],
    ['path', 'a\0b', 'expected no NUL character, got "a\\u0000b"'],
    ['displayName', 'd'.repeat(513), `expected at most 512 characters, got "${'d'.repeat(99)}…`],
    ['displayName', '🎬'.repeat(513), `expected at most 512 characters, got "${'🎬'.repeat(49)}�…`],
    ['displayName', 'half \ud83c', 'expected whole Unicode characters, got "half \\ud83c"'],
    ['path', 'half \ud83c.mp4', 'expected whole Unicode characters, got "half \\ud83c.mp4"'],
    ['path', 'p'.repeat(4097), `expected at most 4096 characters, got "${'p'.repeat(99)}…`],
    ['credentials', 'c'.repeat(129), `expected at most 128 characters, got "${'c'.repeat(99)}…`],
    [
      'mimeType',
      `video/${'x'.repeat(128)}`,
      `expected a MIME type without parameters, such as 'video/mp4', got "video/${'x'.repeat(93)}…`,
    ],
    [
      'mimeType',
      'text/x\r\nx-goog-api-key: y',
      'expected a MIME type without parameters, such as \'video/mp4\', got "text/x\\r\\nx-goog-api-key: y"',
    ],
    [
      'mimeType',
      'text/\u0131',
      'expected a MIME type without parameters, such as \'video/mp4\', got "text/\u0131"',
    ],
    ['mimeType', 'video', 'expected a MIME type without parameters, such as \'video/mp4\', got "video"'],
    [
      'mimeType',
      'text/plain; charset=utf-8',
      'expected a MIME type without parameters, such as \'video/mp4\', got "text/plain; charset=utf-8"',
    ],
    ['taskQueue', '界'.repeat(334), `expected at most 1000 bytes, got "${'界'.repeat(99)}…`],
    ['taskQueue', '/_sys/q', 'expected a name that does not begin with \'/_sys/\', got "/_sys/q"'],
    ['credentials', '', 'expected a string that is not empty, got ""'],
  ])('refuses %s: %o', (field, value, expected) => {
    expect(refusalOf({ path, [field]: value })).toBe(`Invalid option ${field}: ${expected}`);
  });

  it('reports that a default is out of bounds', () => {
    expect(refusalOf({ path, pollInterval: '30s' })).toBe(
      'Invalid option maxPollInterval: expected at least pollInterval, or null for no cap, got "10s", its default',
    );
  });

  it.each(['timeout_s', 'constructor', 'toString', '__proto__'])('refuses the unknown field %s', (field) => {
    const input: unknown = JSON.parse(`{"path": "a.mp4", "${field}": 1}`);
    expect(refusalOf(input)).toBe(`Invalid option ${field}: unknown field, got 1`);
  });

  it('never shows a key that was put into the input', () => {
    const key = `AIza${'x'.repeat(35)}`;
    for (const input of [
      { path, apiKey: 'hush' },
      { path, api_key: key },
      { path, timeout: key },
    ]) {
      expect(refusalOf(input)).not.toMatch(/hush|AIzax/);
    }
  });

  it.each([undefined, null, 'a.mp4', 5, ['a.mp4']])('refuses %o for an input', (input) => {
    expect(refusalOf(input)).toBe(
      `Invalid options: expected one object with a path, got ${input === undefined ? 'undefined' : JSON.stringify(input)}`,
    );
  });

  it('refuses a missing path, and what JSON cannot print', () => {
    const circular: Record<string, unknown> = {};
    circular.self = circular;
    expect(refusalOf({})).toBe('Invalid options path and source: expected exactly one of them, got neither');
    expect(refusalOf({ path: circular })).toBe('Invalid option path: expected a string, got [object Object]');
  });

  it.each(['openai', '', null, 5])('refuses the provider %o', (provider) => {
    let thrown: unknown;
    try {
      resolve({ provider });
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(UnsupportedProviderError);
    expect(thrown).toMatchObject({
      message: `Unsupported provider: ${JSON.stringify(provider)}; the only one is 'google'`,
      provider: typeof provider === 'string' ? provider : 'google',
    });
  });
});
