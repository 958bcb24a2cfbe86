interface Owned {
  readonly uid: number;
  readonly gid: number;
  readonly mode: number;
}

const WRITABLE_BY_GROUP = 0o020;
const WRITABLE_BY_ALL = 0o002;
const ROOT = 0;

/**
 * Who can write to a file or a folder, other than a user and root: the end of a sentence about it. Undefined if nobody else can.
 *
 * @param owned - the status of the file or the folder
 * @param user - the number of the user
 */
export function othersWhoWrite({ uid, gid, mode }: Owned, user: number): string | undefined {
  if (uid !== user && uid !== ROOT) return `belongs to another user (${uid})`;
  if (mode & WRITABLE_BY_ALL) return 'is writable by everyone';
  // Debian and others give each user a group of their own with the user's number, and the umask 002.
  return mode & WRITABLE_BY_GROUP && gid !== user && gid !== ROOT
    ? `is writable by a group (${gid})`
    : undefined;
}
