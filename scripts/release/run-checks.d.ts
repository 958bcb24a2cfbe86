export interface Row {
  name: string;
  outcome: string;
  seconds: number;
}
type Checks = Record<string, readonly string[]>;
export function runChecks(
  checks: Checks,
  options?: { cwd?: string; signal?: AbortSignal; kill?: AbortSignal },
): Promise<Row[]>;
export function chooseChecks(checks: Checks, names: readonly string[]): Checks;
export function passed(rows: readonly Row[]): boolean;
export function tableOf(rows: readonly Row[]): string;
