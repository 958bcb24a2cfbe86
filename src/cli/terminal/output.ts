/** Prints results on stdout (as JSON with `--json`), and messages on stderr. */

export interface Output {
  readonly json: boolean;
  /** Prints a message. */
  say(line: string): void;
  /** Prints the command's result: `value` as JSON, or else `lines`. */
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

/** Aligned lines `name  value`, without those that have no value. */
export function table(rows: readonly (readonly [string, string | number | null | undefined])[]): string[] {
  const present = rows.filter(([, value]) => value !== undefined && value !== null && value !== '');
  const width = Math.max(...present.map(([name]) => name.length));
  return present.map(([name, value]) => `${name.padEnd(width)}  ${value}`);
}
