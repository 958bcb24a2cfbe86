/** Kinds of values that a fault's fields have. Each refuses a value with which the fault could not do what it says. */

import { validateHeaderName, validateHeaderValue } from 'node:http';
import { formatValue } from '../../contract/show.js';

/** Throws a RangeError for a value that is not of the kind. */
export type FaultKind = (value: unknown, name: string) => void;

/** The longest delay of setTimeout; it takes a longer one as 1 ms. */
const MAX_TIMER_MS = 2 ** 31 - 1;
/** The emulator ends each answer by its content-length, so that these would contradict it. */
const FRAMING = /^(content-length|transfer-encoding|trailer)$/i;

export function refuse(name: string, value: unknown, reason: string): never {
  throw new RangeError(`fault: ${name} ${formatValue(value)} ${reason}`);
}

export function oneOf(known: object): FaultKind {
  return (value, name) => {
    if (typeof value !== 'string' || !Object.hasOwn(known, value))
      refuse(name, value, `is none of ${Object.keys(known).join(', ')}`);
  };
}

export function number(min: number, max = Infinity): FaultKind {
  return (value, name) => {
    if (typeof value !== 'number' || Number.isNaN(value)) return refuse(name, value, 'is not a number');
    if (value < min) refuse(name, value, `is below ${min}`);
    if (value === Infinity) refuse(name, value, 'is not finite');
    if (value > max) refuse(name, value, `is above ${max}`);
  };
}

export function wholeNumber(min: number): FaultKind {
  const isNumber = number(min);
  return (value, name) => {
    isNumber(value, name);
    if (!Number.isInteger(value)) refuse(name, value, 'is not a whole number');
  };
}

export const bytes = number(0);
/** An offset of a server that lies can be any number. */
export const anyOffset = number(-Number.MAX_VALUE);
/** Real time, by a timer of the machine. */
export const realMs = number(0, MAX_TIMER_MS);

export const positive: FaultKind = (value, name) => {
  if (value === 0) refuse(name, value, 'is not above 0');
  number(0)(value, name);
};

/** Time by the emulator's clock, whose alarms may be due never. */
export const clockMs: FaultKind = (value, name) => {
  if (value !== Infinity) number(0)(value, name);
};

export const times: FaultKind = (value, name) => {
  if (value !== 'always' && value !== Infinity) wholeNumber(1)(value, name);
};

export const boolean: FaultKind = (value, name) => {
  if (typeof value !== 'boolean') refuse(name, value, 'is not true or false');
};

export const text: FaultKind = (value, name) => {
  if (typeof value !== 'string') refuse(name, value, 'is not a string');
};

export const fileName: FaultKind = (value, name) => {
  if (typeof value !== 'string' || !/^files\/./s.test(value)) refuse(name, value, 'is not files/<id>');
};

export const json: FaultKind = (value, name) => {
  if (typeof value !== 'object' || value === null) refuse(name, value, 'is not an object');
  try {
    JSON.stringify(value);
  } catch (error) {
    throw new RangeError(`fault: ${name}: ${(error as Error).message}`, { cause: error });
  }
};

export const answerStatus: FaultKind = (value, name) => {
  if (!Number.isInteger(value) || (value as number) < 200 || (value as number) > 999)
    refuse(name, value, 'is not a whole number from 200 to 999');
};

export const interimStatus: FaultKind = (value, name) => {
  if (![100, 102, 103].includes(value as number)) refuse(name, value, 'is not 100, 102 or 103');
};

export const headers: FaultKind = (value, name) => {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return refuse(name, value, 'is not an object');
  for (const [header, content] of Object.entries(value as Record<string, string>)) {
    const at = `fault: header ${JSON.stringify(header)}: `;
    if (FRAMING.test(header)) throw new RangeError(`${at}the emulator ends the answer by its content-length`);
    try {
      validateHeaderName(header);
      validateHeaderValue(header, content);
    } catch (error) {
      throw new RangeError(`${at}${(error as Error).message}`, { cause: error });
    }
  }
};
