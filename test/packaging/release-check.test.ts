/** `npm run release:check`: the table has what really came of each check, and the tests that only it runs are there. */

import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, vi } from 'vitest';
import { chooseChecks, passed, runChecks, tableOf } from '../../scripts/release/run-checks.js';
import { RELEASE, RELEASE_TIMED } from '../../vitest.config.js';

const root = fileURLToPath(new URL('../../', import.meta.url));
const { scripts } = JSON.parse(readFileSync(`${root}package.json`, 'utf8')) as {
  scripts: Record<string, string>;
};
const node = (program: string) => [process.execPath, '--input-type=module', '-e', program];
const NOT_CHECKED_MODULE = JSON.stringify(new URL('../../scripts/release/not-checked.js', import.meta.url));

const CHECKS = {
  killed: node("process.kill(process.pid, 'SIGKILL')"),
  failing: node("console.log('1 failed'); process.exit(1)"),
  missing: ['no-such-program'],
  unknown: node(`import { exitNotChecked } from ${NOT_CHECKED_MODULE}; exitNotChecked('no endpoint')`),
  fine: node("console.log('2 passed')"),
};

describe('the checks of a release', () => {
  it('all run, whatever became of the others, and each row says what did', async () => {
    const rows = await quietly(() => runChecks(CHECKS));
    expect(rows.map(({ name, outcome }) => [name, outcome])).toEqual([
      ['killed', 'FAILED (SIGKILL)'],
      ['failing', 'FAILED (1)'],
      ['missing', 'FAILED (ENOENT)'],
      ['unknown', 'could not be checked: no endpoint'],
      ['fine', 'ok'],
    ]);
  });

  it('say what a topology needs if it is missing', async () => {
    const tools = JSON.stringify(new URL('../../temporal/topology/missing-tools.js', import.meta.url));
    const program = `process.env.PATH = ''; import(${tools}).then((tools) => tools.exitIfToolsAreMissing())`;
    const [row] = await quietly(() => runChecks({ topology: node(program) }));
    expect(row?.outcome).toBe(
      'could not be checked: Go is not installed, and the Temporal server is built with it',
    );
  });

  it.each(['failing', 'unknown'] as const)('do not pass with one that is %s', async (name) => {
    const rows = await quietly(() => runChecks(chooseChecks(CHECKS, [name, 'fine'])));
    expect(rows).toHaveLength(2);
    expect(passed(rows)).toBe(false);
    expect(passed(rows.slice(1))).toBe(true);
  });

  it('that an interruption leaves out are in the table', async () => {
    const interrupted = new AbortController();
    const stuck = { stuck: node('setInterval(() => undefined, 1000); console.log(1)'), fine: CHECKS.fine };
    const rows = await quietly(() => {
      setTimeout(() => interrupted.abort(), 100);
      return runChecks(stuck, { signal: interrupted.signal });
    });
    expect(tableOf(rows)).toMatch(/^stuck +\d s {2}interrupted\nfine +0 s {2}not run\n$/);
  });

  it('end with what they have started if they are interrupted', async () => {
    const interrupted = new AbortController();
    const inner = "setInterval(() => undefined, 1000); console.log('ready')";
    const outer = `import { spawn } from 'node:child_process';
      process.on('SIGTERM', () => process.exit());
      spawn(process.execPath, ['-e', ${JSON.stringify(inner)}], { stdio: 'inherit' });`;
    const abortWhenReady = (text: string) => text.startsWith('ready') && interrupted.abort();
    const rows = await quietly(
      () => runChecks({ outer: node(outer) }, { signal: interrupted.signal }),
      abortWhenReady,
    );
    expect(rows).toMatchObject([{ name: 'outer', outcome: 'interrupted' }]);
  });

  it('end at the second interruption if they do not end at the first', async () => {
    const [interrupted, killed] = [new AbortController(), new AbortController()];
    const stubborn = `process.on('SIGTERM', () => console.log('no'));
      setInterval(() => undefined, 1000); console.log('ready');`;
    const onText = (text: string) => {
      if (text.startsWith('ready')) interrupted.abort();
      if (text.startsWith('no')) killed.abort();
    };
    const rows = await quietly(
      () => runChecks({ stubborn: node(stubborn) }, { signal: interrupted.signal, kill: killed.signal }),
      onText,
    );
    expect(rows).toMatchObject([{ name: 'stubborn', outcome: 'interrupted' }]);
  });

  it('can be chosen by name', () => {
    expect(Object.keys(chooseChecks(CHECKS, ['fine', 'failing']))).toEqual(['failing', 'fine']);
    expect(chooseChecks(CHECKS, [])).toEqual(CHECKS);
    expect(() => chooseChecks(CHECKS, ['imgae'])).toThrow(/^No check imgae; there are killed, failing/);
  });

  it('each run a script of package.json, and CONTRIBUTING.md names them; both of the topology are among them', () => {
    const source = readFileSync(`${root}scripts/release-check.js`, 'utf8');
    const checks = [...source.matchAll(/^ {2}(\w+): \['npm', 'run', '([\w:]+)'/gm)];
    const run = checks.map(([, , script]) => script);
    expect(run.filter((script = '') => scripts[script] === undefined)).toEqual([]);
    expect(run).toEqual(expect.arrayContaining(['topology', 'topology:waits']));
    const said = /## Releasing\n(.*?)\n## /s.exec(readFileSync(`${root}CONTRIBUTING.md`, 'utf8'))?.[1] ?? '';
    const unnamed = checks.filter(
      ([, name, script]) => !said.includes(`\`${name}\``) && !said.includes(`\`${script}\``),
    );
    expect(unnamed.map(([, name]) => name)).toEqual([]);
  });

  it('exit 2 for a name that is none', () => {
    const run = () =>
      execFileSync(process.execPath, ['scripts/release-check.js', 'imgae'], { cwd: root, stdio: 'pipe' });
    expect(run).toThrow(expect.objectContaining({ status: 2 }));
  });
});

// A file that was renamed would be run by CI, and in no list.
it('test:release names files that exist', () => {
  expect([...RELEASE, ...RELEASE_TIMED].filter((file) => !existsSync(root + file))).toEqual([]);
});

/** Hides what the checks print to stderr: it would look like the output of this test. */
async function quietly<T>(work: () => Promise<T>, onText?: (text: string) => void): Promise<T> {
  const write = vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    onText?.(String(text));
    return true;
  });
  try {
    return await work();
  } finally {
    write.mockRestore();
  }
}
