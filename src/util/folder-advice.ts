const FULL = /ENOSPC|EDQUOT|no space left|disk quota exceeded|not enough space|disk is full/i;
const READ_ONLY = /EROFS|read-only file ?system/i;
const FORBIDDEN = /EACCES|EPERM|permission denied/i;

/** Whether an error of this machine, of a program or of a server says that its disk is full. */
export const saysDiskFull = (message: string): boolean => FULL.test(message);

/** A firewall refuses a connection with the words for a file. */
const OF_NETWORK = /^(connect|getaddrinfo) /;

/** Whether the message says that nothing can be written in a folder. */
export const saysNotWritable = (message: string): boolean =>
  !OF_NETWORK.test(message) && [FULL, READ_ONLY, FORBIDDEN].some((pattern) => pattern.test(message));

/**
 * What a user can do about a folder of this package in which nothing can be written.
 *
 * @param message - why not
 * @param variable - names a folder to use instead: `XDG_STATE_HOME`
 */
export function adviseOnFolder(message: string, variable: string): string {
  if (saysDiskFull(message)) return `Make room on that disk, or set ${variable} to a folder on another one.`;
  if (READ_ONLY.test(message)) return `Set ${variable} to a folder that is not mounted read-only.`;
  if (!FORBIDDEN.test(message)) return `Set ${variable} to a folder of yours.`;
  return `Make it writable for this user, or set ${variable} to a folder of yours.`;
}
