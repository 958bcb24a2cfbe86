/**
 * Tables of fields. A table is the only definition of an object that comes from outside: the types of what is given and of what is read
 * are derived from it, and values are checked by it. For options, `npm run schemas` also derives the JSON Schema (of which the
 * command line makes its flags) and the table in docs/options.md; the comment on a field is its documentation there and in editors.
 */

import { isRecord } from '../util/is-record.js';
import { InvalidOptionsError } from './errors.js';
import { invalidOption, invalidValue } from './invalid-option.js';
import type { Kind } from './kinds.js';
import { shorten, formatValue } from './show.js';

type Presence = 'required' | 'optional' | 'defaulted';

interface AnyField {
  readonly kind: Kind<never, unknown>;
  readonly presence: Presence;
  /** In the terms of the input. */
  readonly default?: unknown;
}

export interface Field<Input, Output, P extends Presence> extends AnyField {
  readonly kind: Kind<Input, Output>;
  readonly presence: P;
}

export type Fields = Readonly<Record<string, AnyField>>;

export function required<Input, Output>(kind: Kind<Input, Output>): Field<Input, Output, 'required'> {
  return { kind, presence: 'required' };
}

export function optional<Input, Output>(kind: Kind<Input, Output>): Field<Input, Output, 'optional'> {
  return { kind, presence: 'optional' };
}

export function defaulted<Input, Output, const V extends Input>(
  kind: Kind<Input, Output>,
  value: V,
): Field<Input, Output, 'defaulted'> & { readonly default: V } {
  return { kind, presence: 'defaulted', default: value };
}

type KeysWith<F, P extends Presence> = {
  [K in keyof F]: F[K] extends { readonly presence: P } ? K : never;
}[keyof F];

// The keys are a type parameter, as in `Pick`, so that the comments of the fields reach the derived types.
type Given<F, K extends keyof F> = {
  readonly [P in K]: F[P] extends { readonly kind: { read(value: infer Input): unknown } } ? Input : never;
};
type Read<F, K extends keyof F> = {
  readonly [P in K]: F[P] extends { readonly kind: { read(value: never): infer Output } } ? Output : never;
};
type OptionalRead<F, K extends keyof F> = { readonly [P in K]?: Read<F, K>[P] | undefined };

/** What a caller gives. */
export type InputOf<F extends Fields> = Given<F, KeysWith<F, 'required'>> &
  Partial<Given<F, KeysWith<F, 'optional' | 'defaulted'>>>;

/** What is read of it, with the defaults. */
export type OutputOf<F extends Fields> = Read<F, KeysWith<F, 'required' | 'defaulted'>> &
  OptionalRead<F, KeysWith<F, 'optional'>>;

/** Makes the error for a value that is missing or not of its field's kind. A concealed value must not be shown. */
export type Refuse = (field: string, expectation: string, value: unknown, concealed?: boolean) => Error;

/**
 * The values of the table's fields, in its order, with their defaults; undefined counts as not given. Other fields are ignored.
 *
 * @throws what `refuse` makes for the first field that is refused
 */
export function readFields<F extends Fields>(
  fields: F,
  given: Readonly<Record<string, unknown>>,
  refuse: Refuse,
): OutputOf<F> {
  const output: Record<string, unknown> = {};
  for (const [name, { kind, presence, default: fallback }] of Object.entries(fields)) {
    const found = given[name];
    const value = found === undefined ? fallback : found;
    if (value === undefined) {
      if (presence === 'required') throw refuse(name, 'required', value);
      continue;
    }
    const expectation = kind.mismatch(value);
    if (expectation !== undefined) throw refuse(name, expectation, value, kind.concealed);
    output[name] = kind.read(value as never);
  }
  return output as OutputOf<F>;
}

/** The same; a field that is not in the table is refused. */
export function readKnownFields<F extends Fields>(
  fields: F,
  given: Readonly<Record<string, unknown>>,
  refuse: Refuse,
): OutputOf<F> {
  const name = findUnknownField(fields, given);
  if (name !== undefined) throw refuse(name, 'unknown field', given[name]);
  return readFields(fields, given, refuse);
}

/**
 * The same for the options of a call, which a caller from JavaScript may give in any form. Other fields are ignored.
 *
 * @throws InvalidOptionsError that names the option
 */
export function readOptions<F extends Fields>(fields: F, given: unknown): OutputOf<F> {
  assertObject(given);
  return readFields(fields, given, invalidValue);
}

/**
 * The message does not show the value: it may hold a secret.
 *
 * @throws InvalidOptionsError
 */
export function assertObject(options: unknown): asserts options is Readonly<Record<string, unknown>> {
  if (!isRecord(options)) throw new InvalidOptionsError('Invalid options: expected an object');
}

/** The first field that is not in the table. `constructor` and the like are in none, although every object has them. */
export function findUnknownField(fields: object, given: object): string | undefined {
  for (const name in given) if (!Object.hasOwn(fields, name)) return name;
  return undefined;
}

/** A field of such a name is likely to hold a secret. */
const SECRET_NAME = /key|token|secret|password|credential/i;

/**
 * The options of a workflow as an object all of whose fields are in the table.
 *
 * @param expected - what the options are, for the message
 * @throws InvalidOptionsError
 */
export function assertKnownOptions(
  fields: Fields,
  input: unknown,
  expected: string,
): asserts input is Readonly<Record<string, unknown>> {
  if (!isRecord(input))
    throw new InvalidOptionsError(`Invalid options: expected ${expected}, got ${formatValue(input)}`);
  const name = findUnknownField(fields, input);
  if (name === undefined) return;
  const got = SECRET_NAME.test(name)
    ? 'its value is not shown: keys are given to the worker, never in the input'
    : `got ${formatValue(input[name])}`;
  throw invalidOption(shorten(name), `unknown field, ${got}`);
}
