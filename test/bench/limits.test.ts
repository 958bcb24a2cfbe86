/** The limits that `npm run bench` holds the package to, and which of them fail the command. */

import { expect, it } from 'vitest';
import { limit, notMet } from '../../bench/lib/report.js';

it('names each limit that is not met, with its part', () => {
  const reports = {
    upload: { limits: [limit('throughput', 1.5, 1.6, false), limit('memory', 48, 48)] },
    load: { limits: [limit('lost waits', 1, 0), limit('late', Number.NaN, 2)] },
    cost: { limits: [limit('requests', 1.6, 1.6, false)] },
  };
  expect(notMet(reports)).toEqual(['upload: throughput', 'load: lost waits', 'load: late']);
});
