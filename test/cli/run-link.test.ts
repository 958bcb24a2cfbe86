/** The link of a run in a result. */

import { expect, it } from 'vitest';
import { fetchLastingLink } from '../../src/cli/upload/run-link.js';

const context = {
  temporal: { address: '127.0.0.1:7233', namespace: 'default' },
  devServer: undefined,
} as unknown as Parameters<typeof fetchLastingLink>[0];
const started = { workflowId: 'a', runId: 'first', webUrl: null };
const silent = { describe: () => Promise.reject(new Error('no answer')) };

it('is that of the last run', async () => {
  const workflow = { describe: () => Promise.resolve({ workflowId: 'a', runId: 'last' } as never) };
  expect(await fetchLastingLink(context, workflow, started)).toMatchObject({ runId: 'last' });
});

it('is that of the start if the server does not answer when the run has ended', async () => {
  expect(await fetchLastingLink(context, silent, started)).toEqual(started);
});
