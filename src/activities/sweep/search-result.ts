import {
  MAX_FILES_NAMED_BYTES,
  MAX_RUNS_NAMED,
  type AbandonedFile,
  type AbandonedSearch,
  type LeftRun,
} from '../../contract/sweep.js';
import { jsonBytes } from '../../util/json-bytes.js';
import type { ListedRun } from './run-history.js';

/** Runs that are read in a search: it has to end within its time. */
const MAX_RUNS_READ = 5000;

/** What a search has found so far. With a limit, it is bounded so that it fits into an activity's result and time. */
export class SearchResult {
  private readonly files = new Map<string, AbandonedFile>();
  private readonly runs: LeftRun[] = [];
  private readonly left = { unreadable: 0, skipped: 0 };
  private runsRead = 0;
  private bytes = 0;

  /** @param limit - how many files; undefined for no bounds */
  constructor(private readonly limit: number | undefined) {}

  isFull(): boolean {
    if (this.limit === undefined) return false;
    return (
      this.files.size >= this.limit || this.bytes >= MAX_FILES_NAMED_BYTES || this.runsRead >= MAX_RUNS_READ
    );
  }

  countRun(): void {
    this.runsRead += 1;
  }

  addFile(file: AbandonedFile): void {
    if (!this.files.has(file.name)) this.bytes += jsonBytes(file);
    this.files.set(file.name, file);
  }

  leave({ workflowId, runId }: ListedRun, outcome: LeftRun['outcome'], reason: string): void {
    this.left[outcome] += 1;
    if (this.runs.length < MAX_RUNS_NAMED) this.runs.push({ workflowId, runId, outcome, reason });
  }

  /** @param next - where the next search continues; undefined if this one has reached the end */
  until(next: string | undefined): AbandonedSearch {
    const { files, runs, left } = this;
    return { files: [...files.values()], ...left, runs, ...(next !== undefined && { next }) };
  }
}
