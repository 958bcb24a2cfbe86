/** What one attempt at an upload counts and logs. */

import { log } from '@temporalio/activity';
import type { UploadEvent, UploadFileInput } from '../gemini/index.js';
import { countResumed, countSent } from './metrics.js';
import { setSpanAttributes } from './span.js';

export class UploadTelemetry {
  private sent = 0;
  /** Counted at the end only: a resumed session can be lost, and then all of its bytes are sent again. Undefined if no session was resumed. */
  private resumed: number | undefined;
  private readonly startedAt = Date.now();

  constructor(
    private readonly file: string,
    private readonly sizeBytes: number,
  ) {}

  started(mimeType: string): void {
    log.info('Upload started', { file: this.file, sizeBytes: this.sizeBytes, mimeType });
  }

  readonly hooks: Required<Pick<UploadFileInput, 'onSent' | 'onEvent'>> = {
    onSent: (bytes) => {
      this.sent += bytes;
      countSent(bytes);
    },
    onEvent: (event) => this.note(event),
  };

  /** Call it however the attempt ended. @param state - the state of the file, if there is one */
  ended(state?: string): void {
    const { file, sent, resumed = 0 } = this;
    // A zero too, so that the series is there before its first bytes.
    if (this.resumed !== undefined) countResumed(resumed);
    setSpanAttributes({
      'gemini_files.size_bytes': this.sizeBytes,
      'gemini_files.sent_bytes': sent,
      'gemini_files.resumed_bytes': resumed,
    });
    const facts = { file, sentBytes: sent, resumedBytes: resumed, ms: Date.now() - this.startedAt };
    if (state !== undefined) log.info('Upload finished', { ...facts, state });
    else log.debug('Upload attempt ended', facts);
  }

  private note(event: UploadEvent): void {
    const { file } = this;
    switch (event.type) {
      case 'resumed':
        this.resumed = event.offset;
        log.info('Upload resumed', { file, offset: event.offset });
        break;
      case 'adopted':
        // Whatever neither this attempt nor the session that it took up accounts for.
        this.resumed = Math.max(this.resumed ?? 0, this.sizeBytes - this.sent);
        log.info('The file already exists at the provider', { file });
        break;
      case 'interrupted':
        log.warn('Upload interrupted; it continues in the same session', {
          file,
          reason: event.error.message,
        });
        break;
      case 'session-lost':
        this.resumed = 0;
        log.warn('The upload session has ended; the next attempt opens another one', {
          file,
          reason: event.error.message,
        });
    }
  }
}
