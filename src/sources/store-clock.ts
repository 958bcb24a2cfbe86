/** The time that requests to a store are signed for. A store refuses a signature of another time: S3, of more than 15 minutes. */

/** Less than a store tolerates, and more than an answer takes. */
const TOLERANCE_MS = 5 * 60_000;

/** After it, a year has more digits than a signature has room for. */
const LAST_MS = Date.UTC(9999, 0);

/** This machine's time, which the store corrects if it is wrong. */
export class StoreClock {
  private offsetMs = 0;
  /** Whether it was corrected since the store last took a signature. A store whose time leaps must not be followed for ever. */
  private corrected = false;

  /** As signatures have it: `20261127T161500Z`. */
  get datetime(): string {
    return new Date(Date.now() + this.offsetMs).toISOString().replace(/[:-]|\.\d{3}/g, '');
  }

  /**
   * Takes over the time of a refusal.
   *
   * @param date - the header `Date` of the answer
   * @returns whether the refused signature was for another time
   */
  correct(date: string | undefined): boolean {
    const at = Date.parse(date ?? '');
    const offsetMs = at - Date.now();
    const isWrong = Math.abs(offsetMs - this.offsetMs) > TOLERANCE_MS && at < LAST_MS;
    if (this.corrected || !isWrong) return false;
    this.corrected = true;
    this.offsetMs = offsetMs;
    return true;
  }

  accepted(): void {
    this.corrected = false;
  }
}
