/** The emulator in its process: its address, and what can be asked of it. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** @returns `{url, call}`; `call` rejects once the emulator is closed */
export async function startEmulator() {
  const child = fork(fileURLToPath(new URL('emulator-process.js', import.meta.url)));
  const [{ url }] = await once(child, 'message');
  let last = 0;
  const waiting = new Map();
  child.on('message', ({ id, value }) => {
    waiting.get(id)?.(value);
    waiting.delete(id);
  });
  child.on('exit', () => waiting.forEach((done) => done(null)));
  return {
    url,
    call: (name, argument) =>
      new Promise((done, fail) => {
        waiting.set((last += 1), done);
        child.send({ id: last, call: name, argument }, (error) => error && fail(error));
      }),
  };
}
