/** Reads a request's body as a stream: throttled, stopped early, or to its end. */

import type { IncomingMessage } from 'node:http';

/** `complete`: to its end; `stopped`: at `stopAfter`; `refused`: by `onChunk`; `broken`: the client went away. */
export type BodyEnd = 'complete' | 'stopped' | 'refused' | 'broken';

export interface BodyPlan {
  /** Bytes of the body to read before the reading stops for good; a shorter body stops at its end. */
  readonly stopAfter?: number | undefined;
  /** Throttle of the reading. */
  readonly bytesPerSecond?: number | undefined;
}

export interface BodyReading extends BodyPlan {
  /** Gets the bytes as they come; `false` ends the reading. */
  readonly onChunk: (chunk: Buffer) => boolean | void;
}

export function readBody(request: IncomingMessage, reading: BodyReading): Promise<BodyEnd> {
  const { stopAfter = Infinity, bytesPerSecond } = reading;
  if (stopAfter <= 0) return Promise.resolve('stopped');
  if (request.readableEnded) return Promise.resolve(stopAfter < Infinity ? 'stopped' : 'complete');
  if (request.destroyed) return Promise.resolve('broken');

  return new Promise((resolve) => {
    let left = stopAfter;
    let pause: NodeJS.Timeout | undefined;

    const finish = (end: BodyEnd): void => {
      clearTimeout(pause);
      request.off('data', onData).off('end', onEnd).off('close', onClose);
      request.pause();
      resolve(end);
    };
    const onData = (chunk: Buffer): void => {
      const part = chunk.length > left ? chunk.subarray(0, left) : chunk;
      left -= part.length;
      if (reading.onChunk(part) === false) return finish('refused');
      if (left <= 0) return finish('stopped');
      if (bytesPerSecond !== undefined) {
        request.pause();
        pause = setTimeout(() => request.resume(), (part.length / bytesPerSecond) * 1000);
      }
    };
    const onEnd = (): void => finish(stopAfter < Infinity ? 'stopped' : 'complete');
    const onClose = (): void => finish('broken');

    request.on('data', onData).on('end', onEnd).on('close', onClose);
    request.resume();
  });
}

/** The bytes that the request announces; undefined for a chunked body. */
export function bodyBytes({ headers }: IncomingMessage): number | undefined {
  return headers['transfer-encoding'] === undefined ? Number(headers['content-length'] ?? 0) : undefined;
}
