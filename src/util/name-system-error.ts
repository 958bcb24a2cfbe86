import { constants } from 'node:os';

const NAMES: ReadonlyMap<number, string> = new Map(
  Object.entries(constants.errno).map(([name, errno]) => [errno, name]),
);

/**
 * Names an error of the system for which Node.js has no words: ESTALE, which a network disk answers, is its `Unknown system error -116`.
 * Returns other errors as they are.
 */
export function nameSystemError(error: unknown): unknown {
  if (!(error instanceof Error) || !error.message.startsWith('Unknown system error')) return error;
  const { errno = 0, syscall = 'unknown call', path } = error as NodeJS.ErrnoException;
  const name = NAMES.get(Math.abs(errno));
  if (name === undefined) return error;
  const words = name === 'ESTALE' ? 'stale file handle of a network disk' : `error ${Math.abs(errno)}`;
  const call = path === undefined ? syscall : `${syscall} '${path}'`;
  return Object.assign(new Error(`${name}: ${words}, ${call}`, { cause: error }), {
    code: name,
    errno,
    syscall,
    ...(path !== undefined && { path }),
  });
}
