/** Where things are printed: results on stdout (JSON with `--json`), everything said to people on stderr. */

export interface Output {
  readonly json: boolean;
  /** A line for people. */
  say(line: string): void;
  /** The command's result: `value` as JSON, or its lines for people. */
  result(value: object, lines: readonly string[]): void;
}

export function createOutput(json: boolean): Output {
  return {
    json,
    say: (line) => void process.stderr.write(`${line}\n`),
    result: (value, lines) =>
      void process.stdout.write(json ? `${JSON.stringify(value)}\n` : lines.map((l) => `${l}\n`).join('')),
  };
}

/** `name  value` lines, aligned. */
export function table(rows: readonly (readonly [string, string | number | null | undefined])[]): string[] {
  const present = rows.filter(([, value]) => value !== undefined && value !== null && value !== '');
  const width = Math.max(...present.map(([name]) => name.length));
  return present.map(([name, value]) => `${name.padEnd(width)}  ${value}`);
}
