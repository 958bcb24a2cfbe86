/** A queue of waiters that leave when their signal aborts. */

interface Entry<T> {
  readonly order: number;
  readonly value: T;
  readonly resolve: () => void;
}

export class WaitQueue<T> {
  private readonly entries: Entry<T>[] = [];

  /** The value of the first waiter. */
  get first(): T | undefined {
    return this.entries[0]?.value;
  }

  /**
   * Resolves when `release` lets this waiter go; rejects with the signal's reason if that aborts first.
   *
   * @param order - waiters with a lower one go first; among equals, the earlier call does
   */
  wait(value: T, signal?: AbortSignal, order = 0): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason as Error);
      const leave = () => {
        this.entries.splice(this.entries.indexOf(entry), 1);
        reject(signal?.reason as Error);
      };
      const entry: Entry<T> = {
        order,
        value,
        resolve: () => {
          signal?.removeEventListener('abort', leave);
          resolve();
        },
      };
      signal?.addEventListener('abort', leave, { once: true });
      const behind = this.entries.findIndex((other) => other.order > order);
      this.entries.splice(behind === -1 ? this.entries.length : behind, 0, entry);
    });
  }

  /** Lets the first waiter go. */
  release(): void {
    this.entries.shift()?.resolve();
  }
}
