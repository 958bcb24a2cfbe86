import { describe, expect, it } from 'vitest';
import { adviseOnFolder, saysDiskFull, saysNotWritable } from '../../src/util/folder-advice.js';

describe('the advice on a folder in which nothing can be written', () => {
  it.each([
    ['ENOSPC: no space left on device, write', /^Make room on that disk, or set X to/],
    ['EDQUOT: disk quota exceeded, mkdir', /^Make room/],
    ['failed setting up schema: database or disk is full (13)', /^Make room/],
    ['[Errno 28] No space left on device', /^Make room/],
    ['could not extract tar archive entry: No space left on device (os error 28)', /^Make room/],
    ['There is not enough space on the disk. (os error 112)', /^Make room/],
    ["EROFS: read-only file system, mkdir '/a'", /^Set X to a folder that is not mounted read-only/],
    ["EACCES: permission denied, mkdir '/a'", /^Make it writable for this user, or set X/],
    ["EPERM: operation not permitted, mkdir '/a'", /^Make it writable for this user, or set X/],
    ["ENOTDIR: not a directory, mkdir '/a'", /^Set X to a folder of yours/],
  ])('after %s', (message, advice) => {
    expect(adviseOnFolder(message, 'X')).toMatch(advice);
    expect(saysDiskFull(message)).toBe(advice.source.startsWith('^Make room'));
    expect(saysNotWritable(message)).toBe(!message.startsWith('ENOTDIR'));
  });

  it.each(['connect EACCES 10.0.0.1:443', 'connect EPERM 10.0.0.1:443', 'getaddrinfo EPERM pypi.org'])(
    'is not given after %s',
    (message) => {
      expect(saysNotWritable(message)).toBe(false);
    },
  );
});
