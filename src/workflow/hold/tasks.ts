/** What a hold does beside its main loop, which sleeps until there is news. */

import type { ParkedUpload } from './kept-file-data.js';
import { CancellationScope, condition } from '@temporalio/workflow';

/** A time when something has to be done, milliseconds since the epoch, and what Temporal's Web UI says of the timer. */
export interface Due {
  readonly at: number;
  readonly summary: string;
}

export class Tasks {
  /** How many are under way. */
  count = 0;
  private awake = false;
  private failure: { readonly error: unknown } | undefined;

  /** Begins a task. What it throws, the main loop gets. */
  begin(work: () => Promise<void>): void {
    this.count += 1;
    const task = async () => {
      try {
        await work();
      } catch (error) {
        this.failure ??= { error };
      } finally {
        this.count -= 1;
        this.wake();
      }
    };
    void task();
  }

  /** Ends the current sleep. */
  wake(): void {
    this.awake = true;
  }

  throwIfFailed(): void {
    if (this.failure) throw this.failure.error;
  }

  /** @param due - undefined: only news end the sleep */
  async sleepUntil(due: Due | undefined): Promise<void> {
    const hasNews = () => this.awake;
    if (due === undefined) await condition(hasNews);
    else await condition(hasNews, Math.max(1, due.at - Date.now()), { summary: due.summary });
    this.awake = false;
  }

  /** Waits until all have ended, also while the workflow is being cancelled. */
  async settled(): Promise<void> {
    await CancellationScope.nonCancellable(() => condition(() => this.count === 0));
  }
}

/** What the keeper needs of its hold. */
export interface KeeperContext {
  readonly tasks: Tasks;
  /** Called after each change that is shown. */
  readonly onChange: () => void;
  /** Called if the history is long and the upload can continue in the next run: throws to continue as new with it. */
  readonly onLong: (upload: ParkedUpload) => Promise<void>;
}
