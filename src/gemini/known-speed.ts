/** What the uploads of this process have found out about the way to a provider. */

/** For how long it holds, in milliseconds: after that the machine may have another network. */
const KNOWN_MS = 600_000;

export class KnownSpeed {
  private known: { readonly bytes: number; readonly at: number } | undefined;

  /** @param now - a monotonic clock, in milliseconds */
  constructor(private readonly now: () => number = () => performance.now()) {}

  /** Bytes that an upload's first request may have; undefined if nothing is known. */
  get firstBytes(): number | undefined {
    const { known } = this;
    return known && this.now() - known.at <= KNOWN_MS ? known.bytes : undefined;
  }

  learn(bytes: number): void {
    this.known = { bytes, at: this.now() };
  }

  /** After a break, which may be due to the length of the request. */
  forget(): void {
    this.known = undefined;
  }
}

const byOrigin = new Map<string, KnownSpeed>();

/** The one that all uploads to this origin share. */
export function knownSpeedTo(origin: string): KnownSpeed {
  const known = byOrigin.get(origin) ?? new KnownSpeed();
  byOrigin.set(origin, known);
  return known;
}
