/** Kinds of values that a fault's fields have. Each refuses a value with which the fault could not do what it says. */

import { kind, type Kind, type Rule } from '../../contract/kinds.js';
import { isRecord } from '../../util/is-record.js';

/** The longest delay of setTimeout; it takes a longer one as 1 ms. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/** @param mistake - what is said of a value that is not one: `is not …` */
function faultKind<T>(
  is: (value: unknown) => value is T,
  mistake: string,
  ...rules: readonly Rule<T>[]
): Kind<T> {
  return kind({}, is, mistake, rules);
}

export function oneOf<T extends string | number>(...words: readonly T[]): Kind<T> {
  const isWord = (value: unknown): value is T => (words as readonly unknown[]).includes(value);
  return faultKind(isWord, `is none of ${words.join(', ')}`);
}

/** Also what `accepts` takes. */
export function or(accepts: (value: unknown) => boolean, other: Kind<never, unknown>): Kind<never, unknown> {
  return { ...other, mismatch: (value) => (accepts(value) ? undefined : other.mismatch(value)) };
}

function number(min: number, ...rules: readonly Rule<number>[]): Kind<number> {
  return faultKind(
    (value): value is number => typeof value === 'number' && !Number.isNaN(value),
    'is not a number',
    [(value) => value >= min, `is below ${min}`],
    ...rules,
  );
}

const finite: Rule<number> = [(value) => value !== Infinity, 'is not finite'];

export const wholeNumber = (min: number) => number(min, finite, [Number.isInteger, 'is not a whole number']);
export const bytes = number(0, finite);
/** An offset of a server that lies can be any number. */
export const anyOffset = number(-Number.MAX_VALUE, finite);
/** Real time, by a timer of the machine. */
export const realMs = number(0, finite, [(ms) => ms <= MAX_TIMER_MS, `is above ${MAX_TIMER_MS}`]);
export const positive = number(0, [(value) => value > 0, 'is not above 0'], finite);
/** Time by the emulator's clock, whose alarms may be due never. */
export const clockMs = number(0);

export const times = or((value) => value === 'always' || value === Infinity, wholeNumber(1));

export const boolean = faultKind((value) => typeof value === 'boolean', 'is not true or false');

export const text = faultKind((value) => typeof value === 'string', 'is not a string');

export const fileName = faultKind(
  (value): value is string => typeof value === 'string' && /^files\/./s.test(value),
  'is not files/<id>',
);

export const json = faultKind((value) => typeof value === 'object' && value !== null, 'is not an object');

export const answerStatus = faultKind(
  (value): value is number => Number.isInteger(value) && Number(value) >= 200 && Number(value) <= 999,
  'is not a whole number from 200 to 999',
);

export const interimStatus = faultKind(
  (value): value is number => [100, 102, 103].includes(value as number),
  'is not 100, 102 or 103',
);

/** `checkFault` checks the headers themselves. */
export const headers = faultKind(isRecord, 'is not an object');
