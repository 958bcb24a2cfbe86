/** A target that is created again if the server refuses it: a signed URL expires, and credentials are replaced. */

/** The part of a route that makes its targets. */
export class Renewable<T> {
  /** Whether the current value was made because the last one was refused, and has not been accepted since. */
  private renewed = false;

  constructor(
    private current: T,
    private readonly make: (signal: AbortSignal) => Promise<T>,
  ) {}

  get value(): T {
    return this.current;
  }

  /** Makes another value, unless the current one is that already. */
  readonly renew = async (signal: AbortSignal): Promise<boolean> => {
    if (this.renewed) return false;
    this.renewed = true;
    this.current = await this.make(signal);
    return true;
  };

  /** The server has taken the current value: once it refuses it, it has expired. */
  readonly accepted = (): void => {
    this.renewed = false;
  };
}
