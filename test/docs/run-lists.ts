/** The blocks of the documentation that are not shell: how a test runs each, or why none does. */

import { expect } from 'vitest';
import type { Place } from './modules.js';

export const ANSWER = 'A cat sleeps.';
export const uri = expect.stringContaining('/v1beta/files/') as string;

/** Functions that are workflows, with what they return. */
export const WORKFLOWS: readonly { at: Place; type: string; args: unknown[]; returns: unknown }[] = [
  { at: ['README.md', 'withActiveFile({'], type: 'describeVideo', args: ['clip.mp4'], returns: ANSWER },
  {
    at: ['docs/workflows.md', 'withActiveFile({'],
    type: 'describeVideo',
    args: ['clip.mp4'],
    returns: ANSWER,
  },
  { at: ['docs/workflows.md', 'executeChild'], type: 'uploadVideo', args: ['clip.mp4'], returns: uri },
  { at: ['docs/workflows.md', 'uploadInline'], type: 'uploadInline', args: ['clip.mp4'], returns: uri },
  {
    at: ['docs/workflows.md', 'uploadFolder'],
    type: 'uploadFolder',
    args: [['clip.mp4', 'talks/monday.mp4']],
    returns: [uri, uri],
  },
  {
    at: ['docs/workflows.md', 'uploadWithFastChecks'],
    type: 'uploadWithFastChecks',
    args: ['clip.mp4'],
    returns: expect.objectContaining({ uri }),
  },
  {
    at: ['docs/failures.md', 'uploadIfPossible'],
    type: 'uploadIfPossible',
    args: ['clip.mp4'],
    returns: uri,
  },
  { at: ['docs/storage.md', 'uploadSeason'], type: 'uploadSeason', args: [['clip.mp4']], returns: [uri] },
  {
    at: ['docs/wait-active.md', 'describeInChild'],
    type: 'describeInChild',
    args: ['files/abc123'],
    returns: { fileData: { fileUri: uri, mimeType: 'video/mp4' } },
  },
  // With a question it sleeps for a day: test/examples/hold-week.test.ts runs examples/hold, which is the same, over a week that is skipped.
  { at: ['docs/holds.md', 'withHeldFile({'], type: 'askDaily', args: ['clip.mp4', []], returns: undefined },
];

/** Blocks that install a `Runtime`, once a process: run in a process of their own. */
export const ALONE: readonly Place[] = [
  ['docs/observability.md', 'prometheusMetrics'],
  ['docs/observability.md', 'taskToken'],
];

/** Blocks in JSON that a test reads. */
export const JSON_BLOCKS = {
  config: ['docs/configuration.md', 'profiles'],
  sources: ['docs/sources.md', 'allowedAddresses'],
  result: ['docs/options.md', 'sha256'],
  usage: ['docs/storage.md', 'quotaBytes'],
} as const satisfies Record<string, Place>;

/** A test file of a user, which Node's test runner runs beside its workflows. */
export const TEST_FILE = {
  workflows: ['docs/testing.md', 'function uploadVideo'],
  test: ['docs/testing.md', 'node:test'],
} as const satisfies Record<string, Place>;

const WALK = 'test/docs/first-hour.test.ts runs it with the packed package (npm run test:release)';
export const NOT_RUN: readonly { readonly at: Place; readonly why: string }[] = [
  { at: ['README.md', 'sequenceDiagram'], why: 'a picture' },
  { at: ['README.md', 'generateContent'], why: WALK },
  { at: ['README.md', 'await worker.run()'], why: WALK },
  { at: ['README.md', "execute<typeof describeVideo>('describeVideo'"], why: WALK },
  { at: ['docs/getting-started.md', 'compilerOptions'], why: WALK },
  { at: ['docs/getting-started.md', 'require.resolve'], why: WALK },
  {
    at: ['docs/changing-workflows.md', '- run: npm ci'],
    why: 'steps of a CI; test/docs/shell.test.ts and test/cli/replay.test.ts run this command',
  },
  { at: ['docs/installation.md', 'the emulator starts'], why: 'npm run test:consumer runs it with Jest' },
  { at: ['docs/installation.md', 'createRequire'], why: 'npm run test:consumer builds with this flag' },
  {
    at: ['docs/nexus.md', 'createNexusServiceClient'],
    why: 'needs a Nexus endpoint; test/examples runs examples/nexus, which has one',
  },
  {
    at: ['docs/observability.md', 'OTLPTraceExporter'],
    why: 'npm run test:consumer compiles it with its packages',
  },
  {
    at: ['docs/sources.md', 'uploadFromElsewhere'],
    why: 'reads from a server and a bucket of yours; test/e2e/sources.test.ts and test/e2e/s3-moto.test.ts do so',
  },
];
