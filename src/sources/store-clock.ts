/** The time that requests to a store are signed for. A store refuses a signature of another time: S3, of more than 15 minutes. */

/** Less than a store tolerates, and more than an answer takes. */
const TOLERANCE_MS = 5 * 60_000;

/** What S3 says to a signature of another time. */
const WRONG_TIME = 'RequestTimeTooSkewed';

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
   * Takes over the time of a refusal. It takes it back if the store refuses that time too: a server before the store may have written `Date`.
   *
   * @param date - the header `Date` of the answer
   * @param code - the store's code; undefined if it told none
   * @returns whether the next signature is for another time
   */
  correct(date: string | undefined, code: string | undefined): boolean {
    if (code !== undefined && code !== WRONG_TIME) return false;
    if (this.corrected) {
      if (code === WRONG_TIME) this.offsetMs = 0;
      return false;
    }
    const at = Date.parse(date ?? '');
    const offsetMs = at - Date.now();
    const isWrong = Math.abs(offsetMs - this.offsetMs) > TOLERANCE_MS && at > 0 && at < LAST_MS;
    if (!isWrong) return false;
    this.corrected = true;
    this.offsetMs = offsetMs;
    return true;
  }

  accepted(): void {
    this.corrected = false;
  }
}
