import { describe, expect, it } from 'vitest';
import { readFields } from '../../src/contract/fields.js';
import { invalidValue } from '../../src/contract/invalid-option.js';
import { InvalidOptionsError, UnsupportedProviderError } from '../../src/contract/errors.js';
import { ACQUIRE_FIELDS, holdId, resolveHoldOptions } from '../../src/contract/hold.js';
import { resolveUploadOptions } from '../../src/contract/options.js';

const resolve = (more: object) => resolveHoldOptions({ path: 'a.mp4', for: '5d', ...more });

describe('resolveHoldOptions', () => {
  it('fills in the defaults of the hold and of the upload', () => {
    expect(resolve({})).toEqual({
      upload: resolveUploadOptions({ path: 'a.mp4' }),
      for: 5 * 24 * 3_600_000,
      leaseId: 'first',
      linger: 0,
      renewBefore: 2 * 3_600_000,
      grace: 600_000,
    });
  });

  it('passes the options of the upload on', () => {
    expect(resolve({ timeout: '90s', credentials: 'team-b' }).upload).toEqual(
      resolveUploadOptions({ path: 'a.mp4', timeout: '90s', credentials: 'team-b' }),
    );
  });

  it.each([
    ['for', '1s', '30d', 999, '31d'],
    ['linger', 0, '48h', -1, '49h'],
    ['renewBefore', '1s', '24h', 999, '25h'],
    ['grace', 0, '1h', -1, '61m'],
    ['leaseId', 'x', 'x'.repeat(128), '', 'x'.repeat(129)],
  ])('accepts %s from %s to %s, and refuses %s and %s', (field, least, most, below, above) => {
    for (const value of [least, most]) expect(() => resolve({ [field]: value })).not.toThrow();
    for (const value of [below, above]) {
      expect(() => resolve({ [field]: value })).toThrow(InvalidOptionsError);
      expect(() => resolve({ [field]: value })).toThrow(`Invalid option ${field}: `);
    }
  });

  it.each([
    [{ for: undefined }, 'Invalid option for: required'],
    [{ for: 'long' }, 'Invalid option for: expected a duration'],
    [{ lease: 'a' }, 'Invalid option lease: unknown field'],
    [{ timeout: -1 }, 'Invalid option timeout: expected a duration'],
    [{ replyTo: { workflowId: 'a' } }, 'Invalid option replyTo: unknown field'],
  ])('refuses %j', (more, message) => {
    expect(() => resolve(more)).toThrow(message);
  });

  it('refuses what is not an object, and another provider', () => {
    expect(() => resolveHoldOptions('a.mp4')).toThrow(InvalidOptionsError);
    expect(() => resolve({ provider: 'openai' })).toThrow(UnsupportedProviderError);
  });
});

describe('the id of a workflow', () => {
  const acquire = (workflowId: string) => () =>
    readFields(ACQUIRE_FIELDS, { leaseId: 'a', for: '1h', replyTo: { workflowId } }, invalidValue);

  it.each([
    ['x'.repeat(1000), 'x'.repeat(1001)],
    // Two bytes each: Temporal counts bytes, and a signal to a longer id would block the workflow that sends it.
    ['я'.repeat(500), 'я'.repeat(501)],
  ])('has at most 1000 bytes', (most, above) => {
    expect(holdId.mismatch(most)).toBeUndefined();
    expect(acquire(most)).not.toThrow();
    expect(holdId.mismatch(above)).toMatch(/^expected at most 1000 (bytes|characters)$/);
    expect(acquire(above)).toThrow('Invalid option replyTo: expected an object with the id of a workflow');
  });
});
