/** Which failures the state folder is blamed for. */

import { expect, it } from 'vitest';
import { explainFileError } from '../../src/cli/dev-server/state-folder.js';

const failed = (message: string, code: string, syscall: string) =>
  Object.assign(new Error(message), { code, syscall });

it.each([
  failed('listen EPERM: operation not permitted 127.0.0.1:7233', 'EPERM', 'listen'),
  failed('bind EACCES 127.0.0.1:80', 'EACCES', 'bind'),
  failed('kill EPERM', 'EPERM', 'kill'),
  failed('connect EACCES 127.0.0.1:7233', 'EACCES', 'connect'),
  failed('spawn /usr/bin/temporal EACCES', 'EACCES', 'spawn /usr/bin/temporal'),
  failed('getaddrinfo EAI_AGAIN localhost', 'EAI_AGAIN', 'getaddrinfo'),
  failed("EMFILE: too many open files, open '/s/lock'", 'EMFILE', 'open'),
  new Error('it ended'),
])('it is not blamed for %s', (error) => {
  expect(explainFileError('/s', error)).toBe(error);
});

it.each([
  ["EACCES: permission denied, mkdir '/s'", 'EACCES', 'mkdir', /Make it writable for this user, or set XDG/],
  ["ENOTDIR: not a directory, mkdir '/s'", 'ENOTDIR', 'mkdir', /\. Set XDG_STATE_HOME to a folder of yours/],
  ['ENOSPC: no space left on device, write', 'ENOSPC', 'write', /Make room on that disk/],
])('it is blamed for %s', (message, code, syscall, advice) => {
  const error = failed(message, code, syscall);
  expect(explainFileError('/s', error)).toMatchObject({
    message: expect.stringMatching(advice) as string,
    cause: error,
  });
});
