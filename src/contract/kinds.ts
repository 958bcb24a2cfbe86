/** Kinds of values that fields can have. */

import { formatDuration, parseDuration, type Duration } from './duration.js';

/** A kind of value: how a value is checked and read, and what schemas and documentation say about it. */
export interface Kind<Input, Output = Input> {
  /** What was expected in place of `value`; undefined if it is of this kind. */
  mismatch(value: unknown): string | undefined;
  /** A value of this kind as the code uses it. */
  read(value: Input): Output;
  readonly schema: JsonSchema;
  /** The least and the greatest value or length. */
  readonly range?: Range;
  /** Messages do not show the value: it may hold a secret, or it means nothing to a reader. */
  readonly concealed?: true;
}

export type JsonSchema = Readonly<Record<string, unknown>>;

export interface Range {
  readonly min: number;
  readonly max: number;
  readonly unit: '' | 'ms' | 'characters' | 'bytes';
}

/** A condition, and what is expected of a value that does not meet it. */
export type Rule<T> = readonly [holds: (value: T) => boolean, expectation: string];

/** The first rule that is broken is reported; the others may rely on it. */
function firstBroken<T>(rules: readonly Rule<T>[], value: T): string | undefined {
  return rules.find(([holds]) => !holds(value))?.[1];
}

export function kind<T>(
  schema: JsonSchema,
  is: (value: unknown) => value is T,
  expectation: string,
  rules: readonly Rule<T>[],
): Kind<T> {
  return {
    schema,
    mismatch: (value) => (is(value) ? firstBroken(rules, value) : expectation),
    read: (value) => value,
  };
}

export function string(...rules: Rule<string>[]): Kind<string> {
  return kind({ type: 'string' }, (value) => typeof value === 'string', 'expected a string', rules);
}

const NUL = String.fromCharCode(0);

/** A string of 1 to `max` characters that any system can hold. Characters are Unicode's code points, as most languages count them. */
export function text(max: number, ...rules: Rule<string>[]): Kind<string> {
  const hasAtMostMax = (value: string) =>
    value.length <= max || (value.length <= 2 * max && [...value].length <= max);
  return {
    ...string(
      [(value) => value !== '', 'expected a string that is not empty'],
      [hasAtMostMax, `expected at most ${max} characters`],
      [(value) => !value.includes(NUL), 'expected no NUL character'],
      [(value) => value.isWellFormed(), 'expected whole Unicode characters'],
      ...rules,
    ),
    range: { min: 1, max, unit: 'characters' },
  };
}

/** A string of 1 to `max` bytes in UTF-8, as Temporal bounds ids and names. */
export function textOfBytes(max: number, ...rules: Rule<string>[]): Kind<string> {
  return {
    ...text(
      max,
      [(value) => new TextEncoder().encode(value).length <= max, `expected at most ${max} bytes`],
      ...rules,
    ),
    range: { min: 1, max, unit: 'bytes' },
  };
}

export function number(...rules: Rule<number>[]): Kind<number> {
  const isNumber = (value: unknown): value is number => typeof value === 'number' && !isNaN(value);
  return kind({ type: 'number' }, isNumber, 'expected a number', rules);
}

export function numberBetween(min: number, max: number): Kind<number> {
  return { ...number(...between(min, max)), range: { min, max, unit: '' } };
}

function between(min: number, max: number, show: (bound: number) => string = String): Rule<number>[] {
  return [
    [(value) => value >= min, `expected at least ${show(min)}`],
    [(value) => value <= max, `expected at most ${show(max)}`],
  ];
}

/** The bound of a duration that was given without a unit: milliseconds, which the caller may not have meant. */
function showWithMs(bound: number): string {
  const [short, exact] = [formatDuration(bound), `${bound}ms`];
  return short === exact ? exact : `${short} (${exact})`;
}

/** A duration, which is read as milliseconds; so are the bounds. */
export function duration(min: number, max: number): Kind<Duration, number> {
  const [rules, rulesWithoutUnit] = [between(min, max, formatDuration), between(min, max, showWithMs)];
  return {
    schema: { $ref: '#/definitions/Duration' },
    range: { min, max, unit: 'ms' },
    mismatch: (value) => {
      const ms = parseDuration(value);
      if (ms !== undefined) return firstBroken(Number.isNaN(Number(value)) ? rules : rulesWithoutUnit, ms);
      return "expected a duration: a number of milliseconds or a string such as '90s', not negative";
    },
    read: (value) => parseDuration(value) ?? 0,
  };
}

/** Messages do not show a value of the returned kind. */
export function concealed<Input, Output>(kind: Kind<Input, Output>): Kind<Input, Output> {
  return { ...kind, concealed: true };
}

export function callable(): Kind<(...given: never[]) => unknown> {
  const is = (value: unknown): value is (...given: never[]) => unknown => typeof value === 'function';
  return kind({}, is, 'expected a function', []);
}

/** True or false. */
export const boolean = kind(
  { type: 'boolean' },
  (value) => typeof value === 'boolean',
  'expected true or false',
  [],
);

export function oneOf<const T extends string>(...values: T[]): Kind<T> {
  const is = (value: unknown): value is T => (values as unknown[]).includes(value);
  const choice = values.length === 1 ? { const: values[0] } : { enum: values };
  return kind({ type: 'string', ...choice }, is, `expected one of ${values.join(', ')}`, []);
}

export function nullable<Input, Output>(kind: Kind<Input, Output>): Kind<Input | null, Output | null> {
  return {
    ...kind,
    schema: { anyOf: [kind.schema, { type: 'null' }] },
    mismatch: (value) => (value === null ? undefined : kind.mismatch(value)),
    read: (value) => (value === null ? null : kind.read(value)),
  };
}
