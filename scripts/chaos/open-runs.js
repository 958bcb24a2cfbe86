/** The workflows that are under way, for disturbances to choose from. */

export class OpenRuns {
  /** What is being done to each, by workflow id. */
  #pending = new Map();
  /** What was done, or may have been done, to which workflow. */
  #touched = new Map();

  open(workflowId) {
    this.#pending.set(workflowId, new Set());
  }

  /** Their ids, beginning `share` (0 to 1) of the way through. */
  from(share) {
    const ids = [...this.#pending.keys()];
    const first = Math.floor(share * ids.length);
    return [...ids.slice(first), ...ids.slice(0, first)];
  }

  /** Does `act`, during which the workflow does not count as ended. Undefined if it has ended already. */
  async act(workflowId, act) {
    const pending = this.#pending.get(workflowId);
    if (!pending) return undefined;
    const done = act();
    const settled = done.catch(() => undefined);
    pending.add(settled);
    try {
      return await done;
    } finally {
      pending.delete(settled);
    }
  }

  /** @param kind - `cancellation`, `termination` or `reset` */
  touch(workflowId, kind) {
    const kinds = this.#touched.get(workflowId) ?? [];
    this.#touched.set(workflowId, [...kinds, kind]);
  }

  touches(workflowId) {
    return this.#touched.get(workflowId) ?? [];
  }

  /** Resolves when `isClosed()` is true and nothing is being done to it; nothing will be from then on. */
  async close(workflowId, isClosed) {
    const pending = this.#pending.get(workflowId);
    do await Promise.all(pending);
    while (!(await isClosed()) || pending.size > 0);
    this.#pending.delete(workflowId);
  }
}
