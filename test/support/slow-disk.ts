/** Files on a disk that answers as a test wants. */

import type { FileHandle, FileReadResult } from 'node:fs/promises';

type Read = FileReadResult<Buffer>;

/** The same open file, with each read through `read`, which is given the read itself, its position and its buffer. */
export function withRead(
  handle: FileHandle,
  read: (real: () => Promise<Read>, position: number, buffer: Buffer) => Promise<Read>,
): FileHandle {
  return new Proxy(handle, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name);
      if (typeof value !== 'function') return value;
      if (name !== 'read') return (value as (...args: unknown[]) => unknown).bind(target);
      return (buffer: Buffer, offset: number, length: number, position: number) =>
        read(() => target.read(buffer, offset, length, position), position, buffer);
    },
  });
}
