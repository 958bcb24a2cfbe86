/** What a process listens on, by the kernel's own word: Linux only. */

import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';

/** State `LISTEN` of /proc/net/tcp. */
const LISTEN = '0A';

/** Addresses, without ports, that the process listens on, each once: `127.0.0.1`, or hexadecimal digits for IPv6. */
export function listensOn(pid: number): string[] {
  const sockets = socketsOf(pid);
  const rows = ['tcp', 'tcp6'].flatMap((table) =>
    readFileSync(`/proc/net/${table}`, 'utf8').split('\n').slice(1),
  );
  const hosts = rows.flatMap((row) => {
    // sl, local_address, rem_address, st, queues, timer, retransmits, uid, timeout, inode
    const [, local = '', , state, , , , , , inode = ''] = row.trim().split(/\s+/);
    return state === LISTEN && sockets.has(inode) ? [hostOf(local.split(':')[0] ?? '')] : [];
  });
  return [...new Set(hosts)].sort();
}

function socketsOf(pid: number): Set<string> {
  const folder = `/proc/${pid}/fd`;
  const links = readdirSync(folder).map((fd) => {
    try {
      return readlinkSync(join(folder, fd));
    } catch {
      return ''; // closed in between
    }
  });
  return new Set(links.flatMap((link) => /^socket:\[(\d+)\]$/.exec(link)?.[1] ?? []));
}

/** The kernel writes an IPv4 address as one number, in this machine's order of bytes. */
function hostOf(hex: string): string {
  if (hex.length !== 8) return hex;
  return [...Buffer.from(hex, 'hex').reverse()].join('.');
}
