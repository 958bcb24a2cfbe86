/** Thrown if a request's body is incomplete, so that there is nothing to answer. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted';
  /** `broken`: the client went away or was cut off; `stopped`: a fault stopped the reading. */
  constructor(readonly by: 'broken' | 'stopped') {
    super(`The reading of the request was ${by}`);
  }
}
