/** A server in a process of its own that nothing kills, and what can be asked of it over IPC. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/**
 * @param script - file name beside this one; it calls `answerCalls`
 * @returns `{url, call}`; `call` rejects once the process has ended
 */
export async function startService(script) {
  const child = fork(fileURLToPath(new URL(script, import.meta.url)));
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

/**
 * The other side, in the process of the server.
 *
 * @param answers - a function by the name of each call; `close` ends the process
 */
export function answerCalls(url, { close, ...answers }) {
  const all = { ...answers, close: () => close().then(() => process.disconnect()) };
  process.on('message', async ({ id, call, argument }) => {
    const value = await all[call](argument);
    if (process.connected) process.send({ id, value: value ?? null });
  });
  process.on('disconnect', () => process.exit());
  process.send({ url });
}
