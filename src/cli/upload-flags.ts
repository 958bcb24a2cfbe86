/** Every option of the contract as a flag, and back. */

import { Option, type Command } from 'commander';
import { UPLOAD_FIELDS, type UploadOptions } from '../contract/index.js';

export interface UploadFlags {
  readonly provider?: string;
  readonly displayName?: string;
  readonly mimeType?: string;
  readonly timeout?: string;
  readonly pollInterval?: string;
  readonly maxPollInterval?: string;
  readonly backoffCoefficient?: number;
  readonly jitter?: string;
  readonly cleanupOnTimeout?: boolean;
  readonly uploadTimeout?: string;
  readonly cleanupTimeout?: string;
  readonly credentials?: string;
  readonly taskQueue?: string;
}

const show = (value: unknown) => ` (default: ${String(value)})`;

export function addUploadFlags(command: Command): Command {
  return command
    .option(
      '--timeout <duration>',
      `how long to wait for ACTIVE after the upload, such as 90s or 5m; a bare number is milliseconds${show(UPLOAD_FIELDS.timeout.default)}`,
    )
    .option(
      '--poll-interval <duration>',
      `first wait between two checks${show(UPLOAD_FIELDS.pollInterval.default)}`,
    )
    .option(
      '--max-poll-interval <duration>',
      `cap of the growing wait, or "none"${show(UPLOAD_FIELDS.maxPollInterval.default)}`,
    )
    .addOption(
      new Option(
        '--backoff-coefficient <number>',
        `growth of the wait${show(UPLOAD_FIELDS.backoffCoefficient.default)}`,
      ).argParser(Number),
    )
    .option(
      '--jitter <duration>',
      `random move of each wait, up or down${show(UPLOAD_FIELDS.jitter.default)}`,
    )
    .option(
      '--no-cleanup-on-timeout',
      'keep the file on timeout, failure and cancellation (default: delete it)',
    )
    .option(
      '--upload-timeout <duration>',
      `bound of the upload with its retries${show(UPLOAD_FIELDS.uploadTimeout.default)}`,
    )
    .option(
      '--cleanup-timeout <duration>',
      `bound of the delete with its retries${show(UPLOAD_FIELDS.cleanupTimeout.default)}`,
    )
    .option('--display-name <name>', "name shown at the provider (default: the file's own)")
    .option('--mime-type <type>', 'MIME type (default: by extension, else by content)')
    .option('--credentials <profile>', 'credentials profile on the worker')
    .option('--task-queue <name>', "task queue of the activities (default: the workflow's own)")
    .option('--provider <name>', `provider${show('google')}`);
}

/** The flags that were given, as the contract's input; validated elsewhere. */
export function toUploadOptions(path: string, flags: UploadFlags): UploadOptions {
  const { maxPollInterval, cleanupOnTimeout } = flags;
  const given = {
    ...Object.fromEntries(
      (
        [
          'provider',
          'displayName',
          'mimeType',
          'timeout',
          'pollInterval',
          'backoffCoefficient',
          'jitter',
          'uploadTimeout',
          'cleanupTimeout',
          'credentials',
          'taskQueue',
        ] as const
      )
        .filter((name) => flags[name] !== undefined)
        .map((name) => [name, flags[name]]),
    ),
    ...(maxPollInterval !== undefined && {
      maxPollInterval: maxPollInterval === 'none' ? null : maxPollInterval,
    }),
    // Commander sets it to true where the flag was not given.
    ...(cleanupOnTimeout === false && { cleanupOnTimeout }),
  };
  return { ...given, path } as UploadOptions;
}
