import { readFileSync } from 'node:fs';
import { InvalidArgumentError } from 'commander';
import { checkFault } from '../testing/emulator/fault-check.js';
import type { Fault } from '../testing/index.js';
import { decodeText } from '../util/decode-text.js';

/**
 * The faults in a JSON file that holds a list of them.
 *
 * @throws InvalidArgumentError, which commander shows with the flag's name
 */
export function faultsArgument(path: string): readonly Fault[] {
  let faults: unknown;
  try {
    faults = JSON.parse(decodeText(readFileSync(path)));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new InvalidArgumentError(code ? `the file can't be read (${code})` : 'the file is not JSON');
  }
  if (!Array.isArray(faults)) throw new InvalidArgumentError('expected a file with a list of faults');
  for (const [index, fault] of (faults as Fault[]).entries()) {
    try {
      checkFault(fault);
    } catch (error) {
      throw new InvalidArgumentError(`entry ${index}: ${(error as Error).message}`);
    }
  }
  return faults as Fault[];
}
