/** What the summary of a run behind an operation shows of its input, which the run has not checked yet. */

import { expect, it } from 'vitest';
import { summaryOfInput } from '../../src/nexus/run-summary.js';

it.each([
  [{ path: '/data/clip.mp4' }, 'clip.mp4'],
  [{ source: 'https://example.com/a.mp4?id=1' }, 'https://example.com/a.mp4'],
  [{ source: 'https://u:secret@example.com/a.mp4?sig=secret' }, undefined],
  [{ source: `https://example.com/${'a'.repeat(3000)}` }, undefined],
  [{ id: 'files/abc' }, 'abc'],
  [{ path: 'a', source: 'media:a' }, undefined],
  [{ path: 7 }, undefined],
  [{}, undefined],
  [null, undefined],
  ['clip.mp4', undefined],
])('%j: %s', (input, summary) => {
  expect(summaryOfInput(input)).toBe(summary);
});

it('takes no time for an input of any length', () => {
  const source = '//@'.repeat(1_000_000);
  const cpuMs = () => {
    const before = process.cpuUsage();
    expect(summaryOfInput({ source })).toBeUndefined();
    expect(summaryOfInput({ path: source })).toHaveLength(1);
    const { user, system } = process.cpuUsage(before);
    return (user + system) / 1000;
  };
  // Of the process, and the least of three: other work on the machine, or a collection of garbage, does not count.
  expect(Math.min(cpuMs(), cpuMs(), cpuMs())).toBeLessThan(50);
});
