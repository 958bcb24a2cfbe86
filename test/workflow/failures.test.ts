/** The failure of a run whose activity failed with an error that is no type of the contract. */

import { ActivityFailure, ApplicationFailure, RetryState } from '@temporalio/common';
import { expect, it } from 'vitest';
import { UploadFailedError } from '../../src/contract/errors.js';
import { fromActivityFailure } from '../../src/workflow/failures.js';

const failed = (message: string, retryState: (typeof RetryState)[keyof typeof RetryState]) =>
  new ActivityFailure(
    'Activity task failed',
    'geminiFilesUpload',
    '1',
    retryState,
    undefined,
    ApplicationFailure.create({ message, type: 'Error', nonRetryable: false }),
  );

it.each(['EIO: i/o error, read', 'ESTALE: stale file handle, open', 'ENOTCONN: not connected, fstat'])(
  'a disk that answers %j until the end of the time is UploadFailedError, with those words',
  (message) => {
    const error = fromActivityFailure(failed(message, RetryState.TIMEOUT));
    expect(error).toBeInstanceOf(UploadFailedError);
    expect(error.message).toBe(`The upload did not end in time: ${message}`);
  },
);

it('so it is if the number of attempts was limited', () => {
  const error = fromActivityFailure(failed('EIO: i/o error, read', RetryState.MAXIMUM_ATTEMPTS_REACHED));
  expect(error).toBeInstanceOf(UploadFailedError);
  expect(error.message).toBe('Unexpected: EIO: i/o error, read');
});
