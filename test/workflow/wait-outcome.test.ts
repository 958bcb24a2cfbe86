/** The failure of a file that the provider could not process. */

import { expect, it } from 'vitest';
import { unknownFile } from '../../src/contract/file.js';
import { throwIfTerminal } from '../../src/workflow/wait-outcome.js';

it.each([
  [{ code: 3, message: 'no video in it' }, ': no video in it'],
  [{ code: 3 }, ': code 3, without a message'],
  [{ code: 3, message: '' }, ': code 3, without a message'],
  [{}, ' and gave no reason'],
  [undefined, ' and gave no reason'],
])('has what the provider says of it: %j', (error, reason) => {
  const file = { ...unknownFile('files/a'), state: 'FAILED', ...(error && { error }) };
  const state = { file, polls: 2, missing: 0 };
  expect(() => throwIfTerminal(state as never, { path: '/clip.mp4' } as never, 0)).toThrow(
    expect.objectContaining({
      type: 'UploadFailedError',
      message: expect.stringMatching(
        new RegExp(`^The provider failed to process files/a.*${reason}$`),
      ) as string,
      details: [expect.objectContaining({ id: 'files/a', state: 'FAILED', polls: 2 })],
    }),
  );
});
