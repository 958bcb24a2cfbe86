/** One check of `doctor`. */
export interface Check {
  readonly name: string;
  readonly ok: boolean;
  /** The check was not made; `detail` says why. */
  readonly skipped?: true;
  readonly detail: string;
  /** What the user can do; advice if the check is ok. */
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

/** Not a failure: a check that this one depends on has failed, and reports it. */
export const skipped = (name: string, detail: string): Check => ({ name, ok: true, skipped: true, detail });
