/** How each command that can keep a file that was not ACTIVE in time does so. A hold deletes such a file in any case. */
export const KEEP_FLAGS = {
  upload: 'With --no-cleanup-on-timeout',
  wait: 'Without --cleanup-on-timeout',
} as const;
