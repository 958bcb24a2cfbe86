/** Which fault a request meets, and which are left. */

import { checkFault } from './fault-check.js';
import type { Fault } from './fault.js';

/** What is known of a request before its body is read. */
export interface FaultSubject {
  /** The operation, and `finalize` if the request finalizes an upload. */
  readonly targets: readonly string[];
  /** The file that the request is for, `files/<id>`, if it is known. */
  readonly file: string | undefined;
  /** Bytes that the upload's session has kept. */
  readonly receivedBytes: number;
  /** Bytes of the request's body; Infinity if the request does not say. */
  readonly bodyBytes: number;
}

interface Entry {
  readonly fault: Fault;
  skipsLeft: number;
  timesLeft: number;
  used: boolean;
}

export class FaultScript {
  readonly #entries: Entry[] = [];

  /** Throws a RangeError for a fault that `checkFault` refuses. */
  add(faults: readonly Fault[]): void {
    this.#entries.push(...faults.map(entryOf));
  }

  take(subject: FaultSubject): Fault | undefined {
    const entry = this.#entries.find(({ fault, timesLeft }) => timesLeft > 0 && matches(fault, subject));
    if (!entry) return undefined;
    if (entry.skipsLeft > 0) {
      entry.skipsLeft--;
      return undefined;
    }
    entry.timesLeft--;
    entry.used = true;
    return entry.fault;
  }

  /** Faults that have not met all of their requests; one for `'always'` must have met one. */
  left(): Fault[] {
    return this.#entries
      .filter(({ timesLeft, used }) => (timesLeft === Infinity ? !used : timesLeft > 0))
      .map(({ fault }) => fault);
  }
}

/** One line that names a fault: `upload: reset {"afterBytes":100}`. */
export function describeFault({ on, do: action, ...rest }: Fault): string {
  return `${on}: ${action} ${JSON.stringify(rest)}`;
}

function entryOf(fault: Fault): Entry {
  checkFault(fault);
  const { times = 1, skip = 0 } = fault;
  return { fault, skipsLeft: skip, timesLeft: times === 'always' ? Infinity : times, used: false };
}

function matches(fault: Fault, subject: FaultSubject): boolean {
  if (fault.on !== '*' && !subject.targets.includes(fault.on)) return false;
  if (fault.file !== undefined && fault.file !== subject.file) return false;
  if (fault.do !== 'reset' || fault.afterTotalBytes === undefined) return true;
  const { receivedBytes, bodyBytes } = subject;
  return receivedBytes <= fault.afterTotalBytes && receivedBytes + bodyBytes > fault.afterTotalBytes;
}
