/**
 * Two results that arrive in one workflow task: which of the next commands comes first depends on the number of awaits that
 * each of them has to pass. So the number of awaits between two steps of the functions that users call inline is part of what an
 * open run relies on. It stays as it was in 0.1.0.
 *
 * Each case is a history in which a step of the call and the user's activity `first` end in one workflow task. The user's activity
 * `second` comes before the command of the call if the user's chain has at most as many awaits as the number in the table.
 *
 * To measure a version, such as 0.1.0 (commit 82fb1f9), instead of comparing with the table:
 *
 *     git worktree add .cache/0.1.0 82fb1f9 && npm ci --ignore-scripts --prefix .cache/0.1.0
 *     cp test/workflow/fixtures/two-results.ts .cache/0.1.0/test/workflow/fixtures/
 *     AWAITS_OF=.cache/0.1.0 npx vitest run test/workflow/two-results.test.ts
 */

import { resolve } from 'node:path';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';
import { beforeAll, describe, expect, it } from 'vitest';
import { ReplayError, replayHistories, type NamedHistory } from '../../src/testing/index.js';
import { MadeRun } from '../testing/made-history.js';
import type { Call } from './fixtures/two-results.js';

/** How a command of the call ends. */
type End = (run: MadeRun, begun: string) => void;
/** What ends the command before, and the command that follows. */
type Step = readonly [end: End, command: string];

const SHA256 = '0'.repeat(64);
const ofFile = (name: string) => (state: string) => ({
  name,
  uri: `https://generativelanguage.googleapis.com/v1beta/${name}`,
  state,
  mimeType: 'video/mp4',
  sizeBytes: 1000,
  sha256: SHA256,
  displayName: '',
  createTime: '',
  updateTime: '',
  expirationTime: '',
});
/** By the name that the first `uuid4()` gives in a run with the id `made`. */
const own = ofFile('files/8c3938be-92ae-450d-8dc3-a1f95b878208');
const foreign = ofFile('files/of-somebody-else');

const returned =
  (value?: unknown): End =>
  (run, begun) =>
    run.activityCompleted(begun, value);
const uploaded = (state: string) => returned(own(state));
const checked = (state: string) => returned({ found: true, file: own(state) });
const failed =
  (type: string): End =>
  (run, begun) =>
    run.activityFailed(begun, type);
const slept: End = (run, begun) => run.fired(begun);
/** From here on, Temporal suggests to continue as new, which an inline call does not do. */
const whenLong =
  (end: End): End =>
  (run, begun) => {
    run.isLong = true;
    end(run, begun);
  };

const TIMER = 'timer';
const CHECK = 'geminiFilesCheck';
const DELETE = 'geminiFilesDelete';
const NEXT = 'next';
const RECOVER = 'recover';

const sent: Step = [uploaded('PROCESSING'), TIMER];
const firstCheck: readonly Step[] = [sent, [slept, CHECK]];
const refused: readonly Step[] = [...firstCheck, [checked('FAILED'), DELETE]];
const block: readonly Step[] = [
  [uploaded('ACTIVE'), NEXT],
  [returned(), DELETE],
];

/** A list, as a worker of 0.1.0 returns it. */
const found = (count: number): Step => [
  returned(
    Array.from({ length: count }, (_, n) => ({
      name: `files/abandoned-${n}`,
      workflowId: `run-${n}`,
      runId: `run-${n}`,
    })),
  ),
  DELETE,
];

/** By what happens last: the call, its steps, and the awaits of the last step. */
const CASES: Readonly<Record<string, readonly [Call, readonly Step[], awaits: number]>> = {
  'upload, sleep': ['uploadAndWaitActive', [sent], 1],
  'upload, sleep in a long history': ['uploadAndWaitActive', [[whenLong(uploaded('PROCESSING')), TIMER]], 3],
  'upload, return': ['uploadAndWaitActive', [[uploaded('ACTIVE'), NEXT]], 6],
  'failed upload, delete': ['uploadAndWaitActive', [[failed('UploadFailedError'), DELETE]], 1],
  'failed upload, failure': ['uploadAndWaitActive', [[failed('InvalidOptionsError'), RECOVER]], 6],
  'sleep, check': ['uploadAndWaitActive', firstCheck, 6],
  'check, sleep': ['uploadAndWaitActive', [...firstCheck, [checked('PROCESSING'), TIMER]], 1],
  'check, return': ['uploadAndWaitActive', [...firstCheck, [checked('ACTIVE'), NEXT]], 6],
  'check, delete': ['uploadAndWaitActive', refused, 2],
  'delete, failure': ['uploadAndWaitActive', [...refused, [returned(), RECOVER]], 8],
  'upload, return of the URI': ['preuploadAndWaitActive', [[uploaded('ACTIVE'), NEXT]], 6],
  'upload, next upload': ['uploadAllAndWaitActive', [[uploaded('ACTIVE'), 'geminiFilesUpload']], 7],
  'failed upload, failure of all': ['uploadAllAndWaitActive', [[failed('InvalidOptionsError'), RECOVER]], 18],
  'upload, block': ['withActiveFile', block.slice(0, 1), 6],
  'block, delete': ['withActiveFile', block, 0],
  'delete, return of the block': ['withActiveFile', [...block, [returned(), NEXT]], 5],
  'failed block, delete': ['failingBlock', block, 1],
  'delete, failure of the block': ['failingBlock', [...block, [returned(), RECOVER]], 5],
  'search, delete': ['sweepAbandonedFiles', [found(1)], 0],
  'delete, next delete': ['sweepAbandonedFiles', [found(2), [returned(), DELETE]], 1],
  'last delete, return': ['sweepAbandonedFiles', [found(1), [returned(), NEXT]], 2],
  'failed delete, return': ['sweepAbandonedFiles', [found(1), [failed('ProviderError'), NEXT]], 2],
  'search that finds nothing, return': ['sweepAbandonedFiles', [[returned([]), NEXT]], 1],
  'failed search, failure': ['sweepAbandonedFiles', [[failed('InvalidOptionsError'), RECOVER]], 1],
};

/** Since 0.2.0. */
const NEWER: typeof CASES = {
  'check of a foreign file, sleep': [
    'waitActive',
    [[returned({ found: true, file: foreign('PROCESSING') }), TIMER]],
    1,
  ],
  'check of a foreign file, return': [
    'waitActive',
    [[returned({ found: true, file: foreign('ACTIVE') }), NEXT]],
    6,
  ],
  'look at a file, return': [
    'identifyFile',
    [[returned({ sha256: SHA256, baseUrlSha256: SHA256, sizeBytes: 1, mimeType: 'video/mp4' }), NEXT]],
    2,
  ],
};
const ALL = { ...CASES, ...NEWER };
type Entry = readonly [name: string, (typeof CASES)[string]];

/** The first commands of the workflow. */
const BEGINNINGS: Partial<Record<Call, readonly string[]>> = {
  waitActive: ['first', CHECK],
  identifyFile: ['geminiFilesIdentify', 'first'],
  sweepAbandonedFiles: ['geminiFilesFindAbandoned', 'first'],
};

/** A history of the case that ends with the two commands, in this order. */
function made(name: string, awaits: number, order: 'user first' | 'call first'): NamedHistory {
  const [call, steps] = ALL[name] ?? [];
  if (!call || !steps) throw new Error(`no case ${name}`);
  const run = new MadeRun('twoResults', call, awaits);
  const begin = (command: string) => (command === TIMER ? run.timer() : run.activity(command));
  run.workflowTask();
  const begun = new Map(
    (BEGINNINGS[call] ?? ['geminiFilesUpload', 'first']).map((command) => [command, begin(command)]),
  );
  const first = begun.get('first') ?? '';
  begun.delete('first');
  let [last = ''] = begun.values();
  for (const [index, [end, command]] of steps.entries()) {
    const isLast = index === steps.length - 1;
    if (isLast) run.activityCompleted(first);
    end(run, last);
    run.workflowTask();
    if (isLast && order === 'user first') begin('second');
    last = begin(command);
    if (isLast && order === 'call first') begin('second');
  }
  run.openWorkflowTask();
  return { name: `${name}: ${awaits} awaits, ${order}`, history: run.history() };
}

/** Names of those that replay. */
async function replay(histories: readonly NamedHistory[], workflowsPath: string): Promise<readonly string[]> {
  const workflowBundle = await bundleWorkflowCode({ workflowsPath, logger: new DefaultLogger('ERROR') });
  try {
    return (await replayHistories(histories, { workflowBundle })).replayed;
  } catch (error) {
    if (error instanceof ReplayError) return error.replayed;
    throw error;
  }
}

const FIXTURE = 'test/workflow/fixtures/two-results.ts';
const other = process.env.AWAITS_OF;

describe.skipIf(other)('of two results in one workflow task', () => {
  /** At the last number of awaits with which the user's command comes first, and at the next number. */
  const recorded = ([name, [, , awaits]]: Entry) => [
    made(name, awaits, 'user first'),
    made(name, awaits + 1, 'call first'),
  ];
  const opposite = ([name, [, , awaits]]: Entry) => [
    made(name, awaits, 'call first'),
    made(name, awaits + 1, 'user first'),
  ];
  const cases = Object.entries(ALL);
  // Temporal's core prints what does not replay, so not all are tried.
  const controls = cases.filter(([name]) =>
    ['upload, sleep', 'sleep, check', 'check, return'].includes(name),
  );
  let replayed: readonly string[];
  beforeAll(async () => {
    replayed = await replay([...cases.flatMap(recorded), ...controls.flatMap(opposite)], resolve(FIXTURE));
  });
  const namesOf = (histories: readonly NamedHistory[]) => histories.map(({ name }) => name);

  it.each(cases)('the commands keep their order: %s', (...entry) => {
    const names = namesOf(recorded(entry));
    expect(replayed.filter((name) => names.includes(name))).toEqual(names);
  });

  it('the other order does not replay', () => {
    const names = namesOf(controls.flatMap(opposite));
    expect(names).toHaveLength(6);
    expect(replayed.filter((name) => names.includes(name))).toEqual([]);
  });
});

it.runIf(other)('measures another version, if AWAITS_OF names a checkout of it', async () => {
  const histories = Object.keys(ALL).map((name) =>
    Array.from({ length: 20 }, (_, awaits) => made(name, awaits, 'user first')),
  );
  const replayed = await replay(histories.flat(), resolve(other ?? '', FIXTURE));
  for (const [index, name] of Object.keys(ALL).entries()) {
    const count = histories[index]?.filter((history) => replayed.includes(history.name)).length ?? 0;
    process.stderr.write(`${name}: ${count === 0 ? 'not in this version' : count - 1}\n`);
  }
  expect(replayed).not.toEqual([]);
});
