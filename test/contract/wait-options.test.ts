/** The options of `waitActive`: those of an upload that concern a wait, with other defaults where the file is not the run's own. */

import { expect, it } from 'vitest';
import { resolveWaitOptions, WAIT_FIELDS } from '../../src/contract/wait-options.js';
import { UPLOAD_FIELDS } from '../../src/contract/options.js';

const id = 'files/abc-123';

it('fills in the defaults; the file is kept', () => {
  expect(resolveWaitOptions({ id })).toEqual({
    id,
    timeout: 120_000,
    pollInterval: 2000,
    maxPollInterval: 10_000,
    backoffCoefficient: 1.5,
    jitter: 200,
    cleanupOnTimeout: false,
    cleanupTimeout: 600_000,
  });
});

it('has the fields of the contract, with the bounds of an upload', () => {
  const shared = Object.keys(WAIT_FIELDS).slice(1) as (keyof typeof WAIT_FIELDS &
    keyof typeof UPLOAD_FIELDS)[];
  expect(shared).toEqual([
    'timeout',
    'pollInterval',
    'maxPollInterval',
    'backoffCoefficient',
    'jitter',
    'cleanupOnTimeout',
    'cleanupTimeout',
    'credentials',
    'taskQueue',
  ]);
  for (const name of shared) expect(WAIT_FIELDS[name].kind).toBe(UPLOAD_FIELDS[name].kind);
});

it.each(['files/a', `files/${'a'.repeat(64)}`, `files/batch-${'r'.repeat(36)}`, 'files/-a-'])(
  'takes %s',
  (name) => {
    expect(resolveWaitOptions({ id: name }).id).toBe(name);
  },
);

it.each([
  'abc',
  'files/',
  `files/${'a'.repeat(65)}`,
  'files/Abc',
  'files/a/b',
  'files/a\n',
  'files/../a',
  'https://generativelanguage.googleapis.com/v1beta/files/abc',
  '',
  7,
  null,
])('refuses %j as an id, and shows it', (given) => {
  expect(() => resolveWaitOptions({ id: given })).toThrow(/^Invalid option id: expected .*, got /);
});

it.each([
  [undefined, 'Invalid options: expected one object with an id, got undefined'],
  [{}, 'Invalid option id: required, got undefined'],
  [{ id, path: 'clip.mp4' }, 'Invalid option path: unknown field, got "clip.mp4"'],
  [
    { id, apiKey: 'secret' },
    'Invalid option apiKey: unknown field, its value is not shown: keys are given to the worker, never in the input',
  ],
  [
    { id, pollInterval: '20s' },
    `Invalid option maxPollInterval: expected at least pollInterval, or null for no cap, got "10s", its default`,
  ],
  [{ id, timeout: '49h' }, 'Invalid option timeout: expected at most 48h, got "49h"'],
])('refuses %j', (given, message) => {
  expect(() => resolveWaitOptions(given)).toThrow(message);
});
