/** What tests use of `report.js`. */

export interface Limit {
  readonly name: string;
  readonly value: number;
  readonly bound: number;
  readonly wanted: string;
  readonly met: boolean;
}
export function limit(name: string, value: number, bound: number, below?: boolean): Limit;
export function notMet(reports: Readonly<Record<string, { readonly limits: readonly Limit[] }>>): string[];
