/** One thing that `doctor` looks at. */
export interface Check {
  readonly name: string;
  readonly ok: boolean;
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

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
