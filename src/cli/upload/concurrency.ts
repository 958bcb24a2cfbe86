import { InvalidArgumentError } from 'commander';
import { BOUNDS } from '../../contract/options.js';

export const DEFAULT_CONCURRENCY = 4;

/** @throws InvalidArgumentError, which commander shows with the flag's name */
export function concurrencyArgument(value: string): number {
  const number = Number(value);
  if (!Number.isInteger(number) || number < 1 || number > BOUNDS.concurrency)
    throw new InvalidArgumentError(`expected a whole number from 1 to ${BOUNDS.concurrency}`);
  return number;
}

/** Does `work` for each item, in order, so many at a time. A failure ends no other; `work` is not begun any more once `stopped` is aborted. */
export async function inLanes<T>(
  items: readonly T[],
  lanes: number,
  work: (item: T) => Promise<void>,
  stopped?: AbortSignal,
): Promise<void> {
  let next = 0;
  const lane = async () => {
    while (next < items.length && !stopped?.aborted) await work(items[next++] as T);
  };
  await Promise.all(Array.from({ length: Math.min(lanes, items.length) }, lane));
}
