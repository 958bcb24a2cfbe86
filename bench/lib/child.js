/** Runs a program of the benchmark in its own process, and controls it over IPC. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/**
 * @param name - a file of `programs/`
 * @param settings - handed to it as JSON
 * @param options - `execArgv`: flags of Node, such as `--cpu-prof`; `env`: beside the parent's
 * @returns the values it was ready with, `call(name, argument)` and `end()`
 */
export async function startChild(name, settings = {}, { execArgv = [], env = {} } = {}) {
  const script = fileURLToPath(new URL(`../programs/${name}.js`, import.meta.url));
  const child = fork(script, [JSON.stringify(settings)], {
    execArgv,
    env: { ...process.env, ...env },
    stdio: ['ignore', 2, 2, 'ipc'],
  });
  const waiting = new Map();
  const ended = once(child, 'exit');
  const gone = ended.then(([code, signal]) => {
    const error = new Error(`${name} ended (${signal ?? code})`);
    for (const { reject } of waiting.values()) reject(error);
    throw error;
  });
  gone.catch(() => undefined);
  const [ready] = await Promise.race([once(child, 'message'), gone]);
  child.on('message', ({ id, value, error }) => {
    const call = waiting.get(id);
    waiting.delete(id);
    if (error === undefined) call.resolve(value);
    else call.reject(new Error(`${name}: ${error}`));
  });
  let last = 0;
  return {
    ...ready,
    call: (call, argument) =>
      new Promise((resolve, reject) => {
        waiting.set((last += 1), { resolve, reject });
        child.send({ id: last, call, argument });
      }),
    async end() {
      if (child.connected) child.disconnect();
      const late = setTimeout(() => child.kill('SIGKILL'), 10_000);
      await ended;
      clearTimeout(late);
    },
  };
}

/** Runs `work` with a program, and ends it whatever happens. */
export async function withChild(name, settings, work) {
  const child = await startChild(name, settings);
  try {
    return await work(child);
  } finally {
    await child.end();
  }
}
