import { runInNewContext } from 'node:vm';
import { ApplicationFailure, defaultFailureConverter, defaultPayloadConverter } from '@temporalio/common';
import { describe, expect, it } from 'vitest';
import { ERROR_KINDS, OPERATIONS } from '../../src/contract/error-kind.js';
import { ERROR_CLASSES, isGeminiFilesError, type FailureType } from '../../src/contract/errors.js';
import { fromApplicationFailure, toApplicationFailure } from '../../src/contract/failure.js';

const TYPES = Object.keys(ERROR_CLASSES) as FailureType[];
const fields = {
  provider: 'google',
  id: 'files/a',
  state: 'FAILED',
  status: 500,
  kind: 'unavailable',
  operation: 'get',
  polls: 0,
  cleanup: 'kept',
} as const;

/** The failure as it arrives over the wire. */
function overTheWire(failure: Error): unknown {
  const wire = defaultFailureConverter.errorToFailure(failure, defaultPayloadConverter);
  return defaultFailureConverter.failureToError(wire, defaultPayloadConverter);
}

describe.each(TYPES)('%s', (type) => {
  it('comes back from the wire as it left', () => {
    const cause = new Error('why');
    const failure = toApplicationFailure(new ERROR_CLASSES[type]('words', { ...fields, cause }));
    expect(failure).toMatchObject({ type, nonRetryable: true, details: [fields], cause });
    const back = fromApplicationFailure(overTheWire(failure));
    expect(back).toBeInstanceOf(ERROR_CLASSES[type]);
    expect(back).toMatchObject({ name: type, message: 'words', ...fields });
    expect(back?.cause).toMatchObject({ type, cause: { message: 'why' } });
  });

  it('has only the provider if nothing else is known', () => {
    const failure = toApplicationFailure(new ERROR_CLASSES[type]('words'), {
      retryable: true,
      nextRetryDelayMs: 5,
    });
    expect(failure).toMatchObject({ nonRetryable: false, nextRetryDelay: 5 });
    expect(failure.details).toEqual([{ provider: 'google' }]);
    expect(failure.cause).toBeUndefined();
  });
});

describe('fromApplicationFailure', () => {
  it.each([
    new Error('x'),
    undefined,
    ApplicationFailure.create({ type: 'Other' }),
    ApplicationFailure.create({ type: 'constructor' }),
    ApplicationFailure.create({}),
  ])('does not know %o', (failure) => {
    expect(fromApplicationFailure(failure)).toBeUndefined();
  });

  it.each([
    [undefined],
    [null],
    ['text'],
    [[1, 2]],
    [{ provider: 7, id: null, state: {}, status: '500', polls: 'many', cleanup: 'gone', extra: 1 }],
    [{ kind: 'of a newer version', operation: 'constructor' }],
    [{ kind: ['quota'], operation: null }],
  ])('takes nothing from the details %o', (details) => {
    const failure = ApplicationFailure.create({
      type: 'ProviderError',
      message: 'm',
      details: [details],
    });
    const error = fromApplicationFailure(failure);
    expect(error).toMatchObject({ message: 'm', provider: 'google' });
    expect(JSON.parse(JSON.stringify(error))).toEqual({ provider: 'google', name: 'ProviderError' });
  });
});

describe('the kind and the operation', () => {
  it.each(ERROR_KINDS)('%s comes back from the wire', (kind) => {
    for (const operation of OPERATIONS) {
      const failure = toApplicationFailure(new ERROR_CLASSES.ProviderError('words', { kind, operation }));
      expect(fromApplicationFailure(overTheWire(failure))).toMatchObject({ kind, operation });
    }
  });

  it('are absent in a failure of 0.1.0, which is read as before', () => {
    const details = { provider: 'google', id: 'files/a', status: 503, polls: 1, cleanup: 'deleted' };
    const failure = ApplicationFailure.create({ type: 'ProviderError', message: 'm', details: [details] });
    const error = fromApplicationFailure(overTheWire(failure));
    expect(JSON.parse(JSON.stringify(error))).toEqual({ ...details, name: 'ProviderError' });
  });
});

describe('isGeminiFilesError', () => {
  it('knows errors of this copy and of another, and nothing else', () => {
    expect(isGeminiFilesError(new ERROR_CLASSES.ProviderError('m'))).toBe(true);
    const foreign: unknown = runInNewContext(
      `Object.assign(new Error('m'), { [Symbol.for('temporal-gemini-files.error')]: true })`,
    );
    expect(isGeminiFilesError(foreign)).toBe(true);
    for (const other of [new Error('m'), null, undefined, 'ProviderError', { name: 'ProviderError' }]) {
      expect(isGeminiFilesError(other)).toBe(false);
    }
  });
});
