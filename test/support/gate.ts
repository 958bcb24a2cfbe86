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

export interface RequestGates {
  /** The emulator's option, which it asks before it takes a request. */
  readonly time: () => Promise<number>;
  /** From now on, requests come to the gate that is returned, and the emulator does not know of them until it is open. */
  readonly close: () => Gate;
}

export function requestGates(): RequestGates {
  let closed: Gate | undefined;
  const time = async () => {
    await closed?.pass();
    return Date.now();
  };
  return { time, close: () => (closed = gate()) };
}
