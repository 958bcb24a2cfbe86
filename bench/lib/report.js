/** What a part hands over: its figures, its tables, and the limits it was held to. */
import { cpus, release, totalmem } from 'node:os';
import { table } from './table.js';

export function machine() {
  const [first] = cpus();
  return {
    node: process.version,
    cpus: `${cpus().length} × ${first?.model ?? 'unknown'}`,
    memory: `${Math.round(totalmem() / 2 ** 30)} GiB`,
    system: `${process.platform} ${release()}`,
  };
}

/** @param below - whether the value may not be above the bound, or not below it */
export function limit(name, measured, bound, below = true) {
  const meets = (value) => (below ? value <= bound : value >= bound);
  const met = meets(measured);
  const rounded = Math.round(measured * 1000) / 1000;
  // A value that is rounded to the bound would not show why the limit is not met.
  const value = meets(rounded) === met ? rounded : measured;
  return { name, value, bound, wanted: below ? '≤' : '≥', met };
}

/** @returns the limits that are not met, as `part: name`; a value that is not a number meets none */
export const notMet = (reports) =>
  Object.entries(reports).flatMap(([part, { limits }]) =>
    limits.filter(({ met }) => !met).map(({ name }) => `${part}: ${name}`),
  );

export const limitsTable = (limits) =>
  table(
    [
      ['Limit', ({ name }) => name],
      ['wanted', ({ wanted, bound }) => `${wanted} ${bound}`],
      ['measured', ({ value }) => String(value)],
      ['', ({ met }) => (met ? 'met' : 'NOT MET')],
    ],
    limits,
  );
