/** A gate that work waits at: closed until it is opened. */
export interface Gate {
  readonly open: () => void;
  /** Resolves when work has come to the gate. */
  readonly reached: Promise<void>;
  /** Resolves when the gate is open. */
  readonly pass: () => Promise<void>;
}

export function gate(): Gate {
  let open = () => {};
  const opened = new Promise<void>((resolve) => (open = resolve));
  let arrived = () => {};
  const reached = new Promise<void>((resolve) => (arrived = resolve));
  return { open: () => open(), reached, pass: async () => (arrived(), opened) };
}
