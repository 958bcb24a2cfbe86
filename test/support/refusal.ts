import { expect } from 'vitest';
import { InvalidOptionsError } from '../../src/contract/errors.js';
import { resolveUploadOptions } from '../../src/contract/options.js';

/** The message with which the options of an upload are refused. */
export function refusalOf(input: unknown): string {
  try {
    resolveUploadOptions(input);
  } catch (error) {
    expect(error).toBeInstanceOf(InvalidOptionsError);
    return (error as Error).message;
  }
  throw new Error('it was accepted');
}
