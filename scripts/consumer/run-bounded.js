/** Runs a program and all that it starts, and ends them together when the time is over. */
import { spawn } from 'node:child_process';

/** npm, when it runs these scripts, tells its children of this repository's folder. */
export const cleanEnv = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => !/^npm_/i.test(name)),
);

/**
 * Returns what the program printed on stdout. Throws an error with all that it printed if it exits with another code than 0, or
 * does not exit in time.
 *
 * @param {string} cwd
 * @param {readonly string[]} commandLine
 * @param {{env?: NodeJS.ProcessEnv, timeoutMs?: number, uid?: number}} [options]
 * @returns {Promise<string>}
 */
export async function runBounded(cwd, [command, ...args], { env = {}, timeoutMs = 240_000, uid } = {}) {
  const child = spawn(command, args, {
    cwd,
    env: { ...cleanEnv, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    // A process group of its own, so that npm's children end with npm.
    detached: true,
    ...(uid !== undefined && { uid, gid: uid }),
  });
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    process.kill(-child.pid, 'SIGKILL');
  }, timeoutMs);
  const printed = { stdout: '', stderr: '' };
  for (const name of Object.keys(printed))
    child[name].setEncoding('utf8').on('data', (text) => (printed[name] += text));
  try {
    const code = await new Promise((resolve, reject) => child.once('error', reject).once('close', resolve));
    if (code === 0) return printed.stdout;
    const how = late ? `did not end within ${timeoutMs / 1000} s` : `exited with ${code}`;
    throw Object.assign(
      new Error(`${command} ${args.join(' ')} ${how}\n${printed.stdout}${printed.stderr}`),
      printed,
    );
  } finally {
    clearTimeout(timer);
  }
}
