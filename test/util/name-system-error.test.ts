import { constants } from 'node:os';
import { expect, it } from 'vitest';
import { nameSystemError } from '../../src/util/name-system-error.js';

/** As Node.js reports a call that ended with a number that it has no words for. */
const unknown = (errno: number) =>
  Object.assign(new Error(`Unknown system error -${errno}: Unknown system error -${errno}, read`), {
    errno: -errno,
    code: `Unknown system error -${errno}`,
    syscall: 'read',
  });

it('names ESTALE of a network disk', () => {
  expect(nameSystemError(unknown(constants.errno.ESTALE))).toMatchObject({
    message: 'ESTALE: stale file handle of a network disk, read',
    code: 'ESTALE',
    syscall: 'read',
  });
});

it('keeps the path and the cause', () => {
  const { ESTALE } = constants.errno;
  const error = Object.assign(unknown(ESTALE), { syscall: 'open', path: '/mnt/clip.mp4' });
  expect(nameSystemError(error)).toMatchObject({
    message: "ESTALE: stale file handle of a network disk, open '/mnt/clip.mp4'",
    path: '/mnt/clip.mp4',
    cause: error,
  });
});

it('names others by what the system calls them', () => {
  const { EDQUOT } = constants.errno;
  expect(nameSystemError(unknown(EDQUOT))).toMatchObject({ message: `EDQUOT: error ${EDQUOT}, read` });
});

it.each([unknown(99_999), new Error('EIO: i/o error, read'), 'text'])('leaves %s as it is', (error) => {
  expect(nameSystemError(error)).toBe(error);
});
