import { InvalidArgumentError } from 'commander';
import { holdId } from '../contract/hold.js';
import type { Kind } from '../contract/kinds.js';

/** Reads an argument or a flag that has to be of a kind. @throws InvalidArgumentError */
export function argumentOf(kind: Pick<Kind<string>, 'mismatch'>): (value: string) => string {
  return (value) => {
    const mismatch = kind.mismatch(value);
    if (mismatch !== undefined) throw new InvalidArgumentError(mismatch);
    return value;
  };
}

/** Reads the id of a run, which Temporal bounds as that of a hold. @throws InvalidArgumentError */
export const idArgument = argumentOf(holdId);
