import { parseInvalidOption } from '../../contract/invalid-option.js';
import type { ErrorReport } from '../error-report.js';
import { flagOfOption } from './flags.js';

/** Names the flag of the option that an `InvalidOptionsError` is about; undefined if no flag sets it. */
export function flagLine({ type, message }: ErrorReport): string | undefined {
  if (type !== 'InvalidOptionsError') return undefined;
  const { option = '' } = parseInvalidOption(message) ?? {};
  const flag = flagOfOption(option);
  return flag === undefined ? undefined : `On the command line, ${option} is ${flag}.`;
}
