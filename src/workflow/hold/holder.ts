/**
 * One hold: its leases, and what happens when.
 *
 * H1. The hold lasts as long as it has a lease, and `linger` longer. Then, and in every other end, it deletes all of its files.
 * H2. A lease that is acquired while the hold ends goes to the next run, which is a new hold. If the hold ends by a failure, the
 *     callers that wait are told.
 * H3. The run continues as new when nothing is under way but a wait between two checks, or an upload, so that nothing is lost. A
 *     signal that comes meanwhile makes Temporal repeat the task with it.
 * H4. An upload that is under way is not cancelled: Temporal tells its attempt that the run is over, and the next run's attempt goes
 *     on in its session. So the history stays short also if thousands acquire leases during a long upload.
 */

import { ensureTemporalFailure } from '@temporalio/common';
import {
  CancellationScope,
  ContinueAsNew,
  isCancellation,
  log,
  patched,
  workflowInfo,
} from '@temporalio/workflow';
import { InvalidOptionsError, UploadFailedError, type GeminiFilesError } from '../../contract/errors.js';
import { toApplicationFailure } from '../../contract/failure.js';
import type {
  HoldFailure,
  HoldResult,
  HoldStatus,
  ReplyTo,
  ResolvedHoldOptions,
} from '../../contract/hold.js';
import type { CarriedUpload } from '../carried-upload.js';
import { failWorkflowTask, isProgrammingError } from '../fault.js';
import { Answers, toHoldFailure } from './answers.js';
import { FileKeeper } from './file-keeper.js';
import { isHistoryLong } from './history-limit.js';
import type { KeptFileData, ParkedUpload } from './kept-file-data.js';
import { showHold } from './hold-view.js';
import { LeaseBook, type LeaseBookData } from './lease-book.js';
import { Tasks, type Due } from './tasks.js';

/** What a run of the hold hands to the next. */
export interface CarriedHold {
  /** The run that made it. */
  readonly runId: string;
  /** Its leases. The fields are not part of the contract. */
  readonly book: LeaseBookData;
  /** Absent, or without a file, if the next run is a new hold (H2). */
  readonly kept?: KeptFileData;
  /** Since when the hold has no lease, milliseconds since the epoch. */
  readonly idleSince?: number;
}

const NO_ROOM = 'The hold has no room for another lease';
const LEASE_OVER = toHoldFailure(new UploadFailedError('The lease is over'));

export class Holder {
  private readonly tasks = new Tasks();
  private readonly answers = new Answers(this.tasks);
  private readonly book: LeaseBook;
  private readonly keeper: FileKeeper;
  private idleSince: number | undefined;
  private ended: 'ending' | 'done' | undefined;
  /** Where leases go while the hold ends (H2). */
  private readonly late = new LeaseBook();

  /** @param next - continues as new */
  constructor(
    private readonly options: ResolvedHoldOptions,
    private readonly next: (carried: CarriedHold) => Promise<never>,
    carried?: CarriedHold,
  ) {
    this.book = new LeaseBook(carried?.book);
    this.idleSince = carried?.idleSince;
    if (!carried) this.book.acquire(options.leaseId, options.for, Date.now(), false);
    const onLong = (upload: ParkedUpload) => this.continueInUpload(upload);
    const context = { tasks: this.tasks, onChange: () => this.show(), onLong };
    this.keeper = new FileKeeper(options, context, carried?.kept);
  }

  acquire(leaseId: string, forMs: number, replyTo?: ReplyTo): void {
    const now = Date.now();
    const workflowId = replyTo?.workflowId;
    if (!this.ended) this.keeper.checkIfStale(now);
    const usable = !this.ended && this.keeper.ready(now) !== undefined;
    const book = this.ended ? this.late : this.book;
    if (!book.acquire(leaseId, forMs, now, usable, workflowId)) {
      log.warn('The hold has no room for another lease', { leaseId });
      if (workflowId !== undefined) this.refuse(leaseId, workflowId, new InvalidOptionsError(NO_ROOM));
    }
    this.tasks.wake();
  }

  /** Tells a caller that it gets no lease. */
  refuse(leaseId: string, workflowId: string, error: GeminiFilesError): void {
    // Who is not answered asks again.
    if (this.answers.room === 0) return;
    const failure = toHoldFailure(toApplicationFailure(error));
    this.answers.send({ leaseId, workflowId }, { failure });
  }

  release(leaseId: string): void {
    (this.ended ? this.late : this.book).release(leaseId);
    this.tasks.wake();
  }

  checkNow(): void {
    this.keeper.checkNow();
    this.tasks.wake();
  }

  get status(): HoldStatus {
    return {
      phase: this.ended ?? this.keeper.phase,
      file: this.keeper.usable(Date.now()) ?? null,
      leases: this.book.list(),
      ...this.keeper.summary,
    };
  }

  async run(): Promise<HoldResult> {
    const failure = await this.holdToTheEnd();
    this.ended = 'ending';
    this.show();
    const cleanup = await CancellationScope.nonCancellable(() => this.keeper.end());
    this.ended = 'done';
    this.show();
    // A lease can end while its caller waits for a check of the file.
    if (failure || this.book.hasCallers)
      await this.answerAll(failure ? toHoldFailure(failure) : LEASE_OVER, this.book);
    if (this.late.size > 0 && (!failure || isCancellation(failure))) {
      const kept = this.keeper.toDataOfNewHold();
      return this.next({ runId: workflowInfo().runId, book: this.late.toData(), ...(kept && { kept }) });
    }
    if (failure) {
      while (this.late.hasCallers) await this.answerAll(toHoldFailure(failure), this.late);
      throw failure;
    }
    return { renewals: this.keeper.summary.renewals, leases: this.book.total, cleanup };
  }

  /** @returns what ended the hold before its last lease */
  private async holdToTheEnd(): Promise<Error | undefined> {
    try {
      await this.hold();
      return undefined;
    } catch (error) {
      if (error instanceof ContinueAsNew) throw error;
      if (isProgrammingError(error)) await failWorkflowTask(error);
      return ensureTemporalFailure(error);
    }
  }

  /** Returns when no lease is left (H1). */
  private async hold(): Promise<void> {
    for (;;) {
      this.tasks.throwIfFailed();
      const now = Date.now();
      this.book.expire(now);
      this.idleSince = this.book.size > 0 ? undefined : (this.idleSince ?? now);
      if (this.isOver(now)) return;
      this.keeper.begin(now, this.book.size > 0);
      const isLong = isHistoryLong();
      const upload = isLong ? this.uploadToHandOver() : undefined;
      const handedOver = upload ? 1 : 0;
      // Who is left is answered by the next run.
      if (!isLong || this.tasks.count > this.answers.count + handedOver) this.answerReady(now);
      this.show();
      if (isLong) {
        if (this.tasks.count === handedOver) await this.next(this.toCarried(upload && { upload }));
        this.keeper.hastenWait();
      }
      await this.tasks.sleepUntil(this.nextDue(now));
    }
  }

  /** H4. Runs of earlier versions waited for the end of the upload. */
  private uploadToHandOver(): CarriedUpload | undefined {
    const upload = this.keeper.openUpload;
    return upload && patched('hold-upload-handed-over') ? upload : undefined;
  }

  private isOver(now: number): boolean {
    if (this.idleSince === undefined) return false;
    if (now >= this.idleSince + this.options.linger) return true;
    // Without a lease, a file that is about to expire is not renewed.
    return !this.keeper.isUploading && !this.keeper.usable(now);
  }

  private nextDue(now: number): Due | undefined {
    const { book, keeper, idleSince, options } = this;
    const lingersUntil = idleSince === undefined ? undefined : idleSince + options.linger;
    const dues = [
      ...keeper.due(now),
      due(book.nextEnd, 'until a lease ends'),
      due(lingersUntil, 'until the file is not kept any longer'),
      due(book.size > 0 ? keeper.renewAt : undefined, 'until the renewal'),
    ];
    return dues.filter((one) => one !== undefined).sort((a, b) => a.at - b.at)[0];
  }

  private answerReady(now: number): void {
    const file = this.keeper.ready(now);
    if (!file || !this.book.isAwaited) return;
    this.book.grant(this.keeper.firstActiveAt ?? now);
    for (const waiting of this.book.takeWaiting(this.answers.room))
      this.answers.send(waiting, this.book.isOver(waiting.leaseId, now) ? { failure: LEASE_OVER } : { file });
  }

  /** Answers all callers that wait with the failure. */
  private async answerAll(failure: HoldFailure, book: LeaseBook): Promise<void> {
    while (book.hasCallers) {
      for (const waiting of book.takeWaiting(this.answers.room)) this.answers.send(waiting, { failure });
      await this.tasks.settled();
    }
  }

  /** Continues as new in the middle of an upload, if nothing else is under way (H3). */
  private async continueInUpload(upload: ParkedUpload): Promise<void> {
    if (this.tasks.count === 1 && !this.ended) await this.next(this.toCarried(upload));
  }

  private toCarried(upload?: ParkedUpload): CarriedHold {
    const { idleSince } = this;
    return {
      runId: workflowInfo().runId,
      book: this.book.toData(),
      kept: this.keeper.toData(upload),
      ...(idleSince !== undefined && { idleSince }),
    };
  }

  private show(): void {
    showHold(this.status, this.book.size > 0 ? this.keeper.renewAt : undefined);
  }
}

function due(at: number | undefined, summary: string): Due | undefined {
  return at === undefined ? undefined : { at, summary };
}
