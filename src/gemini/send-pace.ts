/** How the HTTP layer asks a rate limiter before it sends. */

/**
 * The pace of one upload. Called before each of its requests that sends bytes of the file.
 *
 * @param bytes - length of the request's body
 * @param signal - ends the wait; the promise rejects with its reason
 * @returns the turn of this request, when the request may begin
 */
export type SendPace = (bytes: number, signal?: AbortSignal) => Promise<SendTurn>;

/** The right of one request to send. */
export interface SendTurn {
  /** Most bytes of one `take`. */
  readonly pieceBytes: number;
  /** Resolves when so many bytes may be sent; rejects with the signal's reason, and uses nothing up, if that aborts first. */
  readonly take: (bytes: number, signal: AbortSignal) => Promise<void>;
  /** Ends the turn; calls after the first one do nothing. */
  readonly end: () => void;
}
