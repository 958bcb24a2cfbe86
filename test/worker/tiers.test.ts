/** The limits that a worker gets: those of its tier, and those given in their place. */

import { describe, expect, it } from 'vitest';
import { resolveSettings, TIERS } from '../../src/worker/internal.js';

describe('the limits', () => {
  const settings = (...given: Parameters<typeof resolveSettings>) => resolveSettings(...given).limits;

  it('are those of the tier, of which each can be replaced', () => {
    expect(settings({ tier: 'free' }, {})).toEqual(TIERS.free);
    expect(settings({ tier: 'free', limits: { maxConcurrentUploads: 3 } }, {})).toEqual({
      ...TIERS.free,
      maxConcurrentUploads: 3,
    });
    expect(settings({ limits: { maxConcurrentUploads: undefined } }, { GEMINI_TIER: 'tier3' })).toEqual(
      TIERS.tier3,
    );
    expect(settings({}, {})).toEqual({});
  });

  it.each([
    ['maxConcurrentUploads', 1.5, 'expected a whole number above 0, got 1.5'],
    ['maxTaskQueueActivitiesPerSecond', 0, 'expected a number above 0, got 0'],
    ['maxUploadBytesPerSecond', 1000, 'expected at least 1048576 (1 MiB), got 1000'],
  ])('are refused out of bounds: %s', (field, value, message) => {
    expect(() => settings({ limits: { [field]: value } }, {})).toThrow(
      `Invalid option limits.${field}: ${message}`,
    );
  });
});
