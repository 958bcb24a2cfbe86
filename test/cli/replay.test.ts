/** `replay`: its output for each history, and its exit code. */

import { cp, mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { cliHome, type CliHome } from '../support/cli.js';
import { formatHistory } from '../../src/testing/replay/history-json.js';
import { recordedHistory } from '../testing/made-history.js';

const recorded = fileURLToPath(new URL('../histories/0.1.0/several-polls.json', import.meta.url));
let home: CliHome;
let good: string;
let open: string;
let gap: string;
beforeAll(async () => {
  home = await cliHome();
  good = join(home.path, 'good.json');
  await cp(recorded, good);
  const { events } = recordedHistory();
  open = await home.file('open.json', formatHistory({ events: events.slice(0, 1) }));
  gap = await home.file('gap.json', formatHistory({ events: events.filter((_, at) => at !== 6) }));
});
afterAll(() => home[Symbol.asyncDispose]());

it('exits 0 and names what it skipped, if the rest replays', async () => {
  const json = await home.run(['replay', good, open, '--json']);
  expect(json.code).toBe(0);
  const reason = 'no workflow task of it has completed yet, so there is nothing to compare with the code';
  expect(json.json()).toEqual({ replayed: [good], skipped: [{ name: open, reason }], failed: [] });
  const { code, stdout } = await home.run(['replay', good, open]);
  expect(code).toBe(0);
  expect(stdout).toBe(`1 history replays\n- ${open} was skipped: ${reason}\n`);
});

it('exits 1 and names what failed, with what replayed and what was skipped', async () => {
  const end = await home.run(['replay', gap, open, good, '--json']);
  expect(end.code).toBe(1);
  expect(end.json()).toMatchObject({
    replayed: [good],
    skipped: [{ name: open }],
    failed: [{ name: gap, nondeterministic: false, message: 'no whole history: event 8 follows event 6' }],
  });
});

it('says in the end what to do about a history that cannot be replayed, and about code that differs', async () => {
  // A bundler finds Temporal's packages from here.
  const other = fileURLToPath(new URL('../../.cache/other-workflows.mjs', import.meta.url));
  await mkdir(dirname(other), { recursive: true });
  await writeFile(other, 'export const uploadAndWaitActive = () => Promise.resolve();\n');
  const [broken, changed] = await Promise.all([
    home.run(['replay', gap]),
    home.run(['replay', good, '--workflows', other]),
  ]);
  expect(broken).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/^Check the files, .*\n$/) as string,
  });
  expect(changed.stderr).toMatch(/^Guard the change .*docs\/changing-workflows\.md\.\n$/m);
  expect(changed.code).toBe(1);
});

it('exits 1 if every history was skipped', async () => {
  const { code, stderr } = await home.run(['replay', open]);
  expect(code).toBe(1);
  expect(stderr).toContain(`There is no history to replay\n- ${open} was skipped`);
});
