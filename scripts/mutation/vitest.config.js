import { defineConfig } from 'vitest/config';

/**
 * The unit tests that a mutation run repeats for each change of a source file. The runner uses worker threads, in which Temporal's native
 * module does not load, and it repeats a test for each mutant: tests of activities and replays, and the long random ones, are left out.
 */
export default defineConfig({
  test: {
    include: [
      'test/activities/deadline.test.ts',
      'test/client/{long-follow,progress}.test.ts',
      'test/contract/**/*.test.ts',
      'test/gemini/**/*.test.ts',
      'test/resilience/upload-{413,adoption,answers,breaks,file-changes,sessions,slow-requests}.test.ts',
      'test/security/{echoes,network}.test.ts',
      'test/sources/**/*.test.ts',
      'test/worker/{config-file,mistakes,settings,tiers}.test.ts',
      'test/workflow/backoff.test.ts',
      'test/workflow/hold/{lease-book,schedule}.test.ts',
    ],
    // They act as another user, which a thread cannot.
    exclude: ['test/sources/open-allowed-file.test.ts'],
    testTimeout: 60_000,
    unstubEnvs: true,
  },
});
