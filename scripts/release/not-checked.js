/** A check that cannot be made on this machine: neither passed nor failed, and never silent. */

/** EX_UNAVAILABLE of sysexits.h: none of the checks' own tools exits with it. */
export const NOT_CHECKED = 69;

/** What a check prints as its last line in that case, before the reason. */
export const NOT_CHECKED_PREFIX = 'could not be checked: ';

/** Ends this process. @param {string} reason @returns {never} */
export function exitNotChecked(reason) {
  process.stdout.write(`${NOT_CHECKED_PREFIX}${reason}\n`);
  process.exit(NOT_CHECKED);
}
