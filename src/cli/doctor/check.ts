/** One thing that `doctor` looks at. */
export interface Check {
  readonly name: string;
  readonly ok: boolean;
  /** It was not looked at; `detail` says why. */
  readonly skipped?: true;
  readonly detail: string;
  /** What to do; also advice where the check is ok. */
  readonly fix?: string;
}

export const passed = (name: string, detail: string, fix?: string): Check => ({
  name,
  ok: true,
  detail,
  ...(fix !== undefined && { fix }),
});

export const failed = (name: string, detail: string, fix: string): Check => ({
  name,
  ok: false,
  detail,
  fix,
});

/** No failure of its own: what it depends on has that. */
export const skipped = (name: string, detail: string): Check => ({ name, ok: true, skipped: true, detail });

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
