/** What one attempt at an upload knows, and hands to the next attempt and to the clean-up. */

import type { Info } from '@temporalio/activity';
import type { UploadHeartbeat } from '../contract/activities.js';
import type { ResumePoint } from '../gemini/index.js';
import { sinceFirstAttemptMs } from './attempt-time.js';
import type { StoredSession } from './session-carrier.js';

export class AttemptState {
  /** Details of the next heartbeat; those of an earlier attempt until this one has its own. */
  beat: UploadHeartbeat;
  /** Whether the provider may know of the file. */
  sent: boolean;
  /** Where the upload is: of this attempt, or what it could read of an earlier one's heartbeat. */
  point: ResumePoint | undefined;

  /** @param inEarlierRun - the last heartbeat under this name in an earlier run of the workflow, if there is one */
  constructor({ heartbeatDetails, ...info }: Info, inEarlierRun?: UploadHeartbeat) {
    const own = (heartbeatDetails ?? undefined) as UploadHeartbeat | undefined;
    const earlier = own ?? inEarlierRun;
    // Not by the attempt's number alone: a reset of the activity sets it back to 1, and can discard the details.
    const isRepeated = info.attempt > 1 || sinceFirstAttemptMs(info) > 0;
    this.sent = earlier !== undefined || isRepeated;
    // Details without a fingerprint of the key are of 0.1.0, which did not tell whether it finalized.
    const isTold = !earlier?.session || earlier.keyFingerprint !== undefined;
    const known = isTold && (own !== undefined || !isRepeated);
    this.beat = {
      bytesSent: 0,
      sizeBytes: 0,
      ...earlier,
      ...(!known && { finalizing: true, earlierFinalize: true }),
    };
  }

  /** The session has ended, or cannot be used: another one would be opened beside its finalize, if there was one. */
  lost(): void {
    const { finalizing } = this.beat;
    this.point = undefined;
    this.update({
      session: undefined,
      ...(finalizing ? { earlierFinalize: true } : { keyFingerprint: undefined }),
    });
  }

  /**
   * The session in use. Its file belongs to the key that opened it, also after a rotation. If an earlier session may still
   * create the file, the fingerprint stays that of its key, because only that key's denial is of use.
   */
  uses({ session, keyFingerprint }: StoredSession): void {
    this.update({ session, keyFingerprint: this.beat.keyFingerprint ?? keyFingerprint });
  }

  update(news: { [Field in keyof UploadHeartbeat]?: UploadHeartbeat[Field] | undefined }): void {
    const merged = Object.entries({ ...this.beat, ...news }).filter(([, value]) => value !== undefined);
    this.beat = Object.fromEntries(merged) as unknown as UploadHeartbeat;
  }
}
