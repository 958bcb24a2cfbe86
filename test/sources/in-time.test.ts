/** What becomes of what a user's function throws. */

import { expect, it } from 'vitest';
import { FileNotFoundError, SourceError } from '../../src/contract/errors.js';
import { functionBugType, ofFunction } from '../../src/sources/in-time.js';

const secret = () => {
  throw new Error('S3CRET');
};
const withGetter = (field: string, error: object = new Error('no answer')) =>
  Object.defineProperty(error, field, { get: secret });

it.each(['retryable', 'retryAfterMs', 'nonRetryable', 'code', 'cause'])(
  'a getter of %s that throws is not heard',
  (field) => {
    for (const error of [
      withGetter(field),
      withGetter(field, new TypeError('no answer')),
      withGetter(field, new SourceError('no answer')),
    ]) {
      expect(() => functionBugType(error)).not.toThrow();
      const made = ofFunction('store', error);
      expect(made).toMatchObject({
        name: 'SourceError',
        message: 'The function of the source store failed: no answer',
      });
      expect(JSON.stringify([made, made.cause, made.stack])).not.toContain('S3CRET');
    }
  },
);

it('an error whose name cannot be read, or is not in the contract, becomes a SourceError', () => {
  const retryable = { name: 'SourceError', retryable: true };
  expect(ofFunction('store', withGetter('name', new FileNotFoundError('gone')))).toMatchObject(retryable);
  const foreign = Object.assign(new FileNotFoundError('gone'), { name: 'NewError' });
  expect(ofFunction('store', foreign)).toMatchObject(retryable);
  expect(ofFunction('store', new FileNotFoundError('gone'))).toMatchObject({ name: 'FileNotFoundError' });
  expect(ofFunction('store', new Proxy({}, { get: secret, has: secret }))).toMatchObject(retryable);
});
