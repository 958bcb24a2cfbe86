/** The end of the process: output is never cut, also if its reader is slow; abandoned work is. */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, it } from 'vitest';
import { stopwatch } from '../support/stopwatch.js';

const urlOf = (module: string) =>
  JSON.stringify(new URL(`../../dist/cli/${module}.js`, import.meta.url).href);

/** More than the pipe, and the stream that is not read yet, can hold. */
const text = 'x'.repeat(1_000_000);

/** A process that writes the text and ends with `exitSoon(0)`. @param abandoned - work that it has begun and does not wait for */
function spawnEnding(abandoned = '') {
  const code = `
    const { createOutput } = await import(${urlOf('terminal/output')});
    const { exitSoon } = await import(${urlOf('terminal/exit-soon')});
    const { whenPipeBreaks } = await import(${urlOf('terminal/broken-pipe')});
    void whenPipeBreaks();
    ${abandoned}
    createOutput(true).result({ text: 'x'.repeat(${text.length}) }, []);
    exitSoon(0);`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', code]);
  return { child, ended: once(child, 'close') as Promise<[number | null, NodeJS.Signals | null]> };
}

/** Says so long after the time that abandoned work has. */
const LATER = "setTimeout(() => process.stderr.write('later'), 1500);";
const NEVER = 'setInterval(() => undefined, 1000);';

it.each([
  ['and work that goes on', NEVER],
  ['and nothing else', ''],
])('a reader that pauses for longer than abandoned work may, %s: nothing is cut', async (_, more) => {
  const { child, ended } = spawnEnding(LATER + more);
  await Promise.race([once(child.stderr, 'data'), once(child, 'exit')]);
  expect(child.exitCode).toBeNull();
  let read = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => (read += chunk));
  expect(await ended).toEqual([0, null]);
  expect(read).toBe(`${JSON.stringify({ text })}\n`);
});

it('work that was abandoned ends within seconds once the output is read', async () => {
  const elapsed = stopwatch();
  const { child, ended } = spawnEnding(NEVER);
  child.stdout.resume();
  expect(await ended).toEqual([0, null]);
  expect(elapsed()).toBeLessThan(5000);
});

it('a reader that goes away after a pause ends the process', async () => {
  const { child, ended } = spawnEnding(LATER + NEVER);
  await Promise.race([once(child.stderr, 'data'), once(child, 'exit')]);
  expect(child.exitCode).toBeNull();
  child.stdout.destroy();
  expect(await ended).toEqual([141, null]);
});
