import { expect, it } from 'vitest';
import { InvalidOptionsError } from '../../src/contract/errors.js';
import { invalidOption, invalidValue, parseInvalidOption } from '../../src/contract/invalid-option.js';

it.each([
  ['timeout', 'required'],
  ['sources.https.allowedOrigins[0]', 'expected an origin: \'https://…\', got "a: b"'],
  ['activityOptions.check', 'expected two lines:\nfirst\nsecond'],
])('the message about %s is read as it was made', (option, mistake) => {
  const error = invalidOption(option, mistake);
  expect(error).toBeInstanceOf(InvalidOptionsError);
  expect(error.message).toBe(`Invalid option ${option}: ${mistake}`);
  expect(parseInvalidOption(error.message)).toEqual({ option, mistake });
});

it('shows the value, unless it must not be shown', () => {
  expect(invalidValue('jitter', 'expected a number', 'x').message).toBe(
    'Invalid option jitter: expected a number, got "x"',
  );
  expect(invalidValue('jitter', 'expected a number', 'x', true).message).toBe(
    'Invalid option jitter: expected a number',
  );
});

it.each(['Invalid options: expected an object', 'Invalid option x', 'The file is empty', ''])(
  'another message names no option: %j',
  (message) => expect(parseInvalidOption(message)).toBeUndefined(),
);
