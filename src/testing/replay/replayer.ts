/** Temporal's replay worker, with a bound for each history. */

import type { ReplayWorkerOptions, Worker } from '@temporalio/worker';
import type { History } from '@temporalio/common/lib/proto-utils.js';
import { nativeModuleProblem } from '../../util/native-module.js';
import { TIMED_OUT, within } from '../../util/within.js';

/** How long a worker that shuts down in the middle of a history waits for it. */
const FORCE_TIME = '1s';
/** In this time it has shut down, in milliseconds. */
const ABANDON_MS = 10_000;

/** One worker, which replays one history after another until one does not end. */
interface Session {
  /** Resolves when the worker has taken the history: until then it was bundling the code. */
  give(name: string, history: History): Promise<void>;
  /** The end of the replay of the history that was given last. */
  next(): Promise<Error | undefined>;
  /** Ends the worker if it has no history in hand. */
  close(): Promise<unknown>;
  /** Ends the worker in the middle of a history. */
  abandon(): void;
}

export class Replayer {
  private session: Session | undefined;

  constructor(
    private readonly options: ReplayWorkerOptions,
    private readonly boundMs: number,
  ) {}

  /**
   * The reason why the history does not replay, or undefined if it does.
   *
   * @throws if there is no worker, because the code cannot be bundled
   */
  async replay(name: string, history: History): Promise<Error | undefined> {
    const session = (this.session ??= await startSession(this.options));
    const result = session.next();
    let taken = false;
    try {
      // Bundling the code comes first, and does not count. If it fails, no history is taken, and the result says why.
      await Promise.race([session.give(name, history), result]);
      taken = true;
      const error = await within(this.boundMs, result);
      if (error !== TIMED_OUT) return error;
    } catch (error) {
      // The worker has ended, with this history or before it.
      this.session = undefined;
      if (!taken) throw error;
      return error instanceof Error ? error : new Error(String(error));
    }
    this.session = undefined;
    session.abandon();
    // Temporal's runtime ends with its last worker, and cannot take another one meanwhile.
    await within(
      ABANDON_MS,
      result.catch(() => undefined),
    );
    return new Error(`the replay did not end within ${this.boundMs / 1000} s`);
  }

  async close(): Promise<void> {
    const { session } = this;
    this.session = undefined;
    if (!session) return;
    if ((await within(ABANDON_MS, session.close())) === TIMED_OUT) session.abandon();
  }
}

/** The workflow sees the id, and may decide by it. Servers before 1.24 do not record it. */
function workflowIdOf({ events }: History): string | undefined {
  return events?.[0]?.workflowExecutionStartedEventAttributes?.workflowId || undefined;
}

async function startSession(options: ReplayWorkerOptions): Promise<Session> {
  // Loaded when it is needed: the emulator beside it wants no native module.
  const temporal = await import('@temporalio/worker').catch((error: unknown) => {
    throw new Error(nativeModuleProblem(error), { cause: error });
  });
  const workers: Worker[] = [];
  // Temporal hands out no replay worker, so this class notes its own instances: a worker that is stuck in a history
  // goes on for ever, and with it the process, unless it is told to shut down.
  class ReplayWorker extends temporal.Worker {
    private readonly noted = workers.push(this);
  }
  const histories = new TransformStream<{ workflowId: string; history: History }>();
  const writer = histories.writable.getWriter();
  // Outside of its debug mode, which is the default for replays, Temporal ends code that loops for ever.
  const bounded = { ...options, debugMode: false, shutdownForceTime: FORCE_TIME };
  const results = ReplayWorker.runReplayHistories(bounded, histories.readable);
  return {
    give: (name, history) => writer.write({ workflowId: workflowIdOf(history) ?? name, history }),
    next: async () => {
      const result = await results.next();
      if (result.done) throw new Error('the replay worker has ended');
      return result.value.error;
    },
    close: async () => {
      await writer.close();
      await results.next();
    },
    abandon: () => {
      for (const worker of workers) if (worker.getState() === 'RUNNING') worker.shutdown();
    },
  };
}
