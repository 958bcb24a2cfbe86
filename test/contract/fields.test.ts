/** A table of fields for the tests: kinds that the options do not use yet, and the order in which fields are refused. */

import { describe, expect, it } from 'vitest';
import {
  assertKnownOptions,
  defaulted,
  findUnknownField,
  optional,
  readFields,
  required,
} from '../../src/contract/fields.js';
import { boolean, duration, nullable, number, oneOf, string } from '../../src/contract/kinds.js';

const FIELDS = {
  id: required(string()),
  mode: defaulted(oneOf('fail', 'wait'), 'fail'),
  every: optional(nullable(duration(10, 60_000))),
  count: optional(number([Number.isInteger, 'expected a whole number'])),
  dryRun: defaulted(boolean, false),
};

const refuse = (field: string, expectation: string, value: unknown) =>
  new Error(`${field}: ${expectation}, got ${String(value)}`);
const read = (given: Record<string, unknown>) => readFields(FIELDS, given, refuse);

describe('readFields', () => {
  it('reads what is given, fills in defaults, and leaves out the rest', () => {
    expect(Object.entries(read({ id: 'a' }))).toEqual([
      ['id', 'a'],
      ['mode', 'fail'],
      ['dryRun', false],
    ]);
    expect(read({ id: 'a', mode: 'wait', every: '1s', count: 3, dryRun: true, other: 1 })).toEqual({
      id: 'a',
      mode: 'wait',
      every: 1000,
      count: 3,
      dryRun: true,
    });
  });

  it('takes undefined for not given, and null for a value', () => {
    expect(read({ id: 'a', mode: undefined, every: null })).toEqual({
      id: 'a',
      mode: 'fail',
      every: null,
      dryRun: false,
    });
    expect(() => read({ id: 'a', mode: null })).toThrow('mode: expected one of fail, wait, got null');
  });

  it.each([
    [{}, 'id: required, got undefined'],
    [{ id: 5, mode: 'never' }, 'id: expected a string, got 5'],
    [{ id: '', mode: 'never', every: 1 }, 'mode: expected one of fail, wait, got never'],
    [{ id: '', every: 9 }, 'every: expected at least 10ms, got 9'],
    [{ id: '', every: '2m' }, 'every: expected at most 1m, got 2m'],
    [{ id: '', count: 1.5 }, 'count: expected a whole number, got 1.5'],
    [{ id: '', count: '1' }, 'count: expected a number, got 1'],
    [{ id: '', dryRun: 0 }, 'dryRun: expected true or false, got 0'],
  ])('refuses the first field of the table that is wrong: %o', (given, message) => {
    expect(() => read(given)).toThrow(message);
  });
});

describe('a field that is not in the table', () => {
  it('is found, also if it is inherited or has the name of a method of all objects', () => {
    expect(findUnknownField(FIELDS, { id: 'a', mode: 'x' })).toBeUndefined();
    expect(findUnknownField(FIELDS, JSON.parse('{"__proto__": 1}') as object)).toBe('__proto__');
    expect(findUnknownField(FIELDS, { toString: 1 })).toBe('toString');
    expect(findUnknownField(FIELDS, Object.create({ id: 1, stranger: 1 }) as object)).toBe('stranger');
  });

  it('is refused without its value if that may be a secret', () => {
    expect(() => assertKnownOptions(FIELDS, { colour: 'red' }, 'one object')).toThrow(
      'Invalid option colour: unknown field, got "red"',
    );
    expect(() => assertKnownOptions(FIELDS, { accessToken: 'hush' }, 'one object')).toThrow(
      'Invalid option accessToken: unknown field, its value is not shown: keys are given to the worker, never in the input',
    );
    expect(() => assertKnownOptions(FIELDS, [], 'one object')).toThrow(
      'Invalid options: expected one object, got []',
    );
  });
});
