/** Every recorded history replays on the code as it is, and code that was changed under open runs is caught. */

import { readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode, type WorkflowBundleWithSourceMap } from '@temporalio/worker';
import { beforeAll, describe, expect, it } from 'vitest';
import { InvalidOptionsError } from '../../src/contract/errors.js';
import { ReplayError, replayHistories, type NamespaceHistories } from '../../src/testing/index.js';
import { recordedHistory } from './made-history.js';

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));
const recorded = path('../histories/');
const versions = readdirSync(recorded, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map((entry) => entry.name);

let workflowBundle: WorkflowBundleWithSourceMap;
beforeAll(async () => {
  workflowBundle = await bundleWorkflowCode({ workflowsPath: path('../histories/workflows.ts') });
});

describe('replayHistories', () => {
  it.each(versions)('replays every history of version %s', async (version) => {
    const folder = join(recorded, version);
    const { replayed } = await replayHistories(folder, { workflowBundle });
    const files = readdirSync(folder).sort();
    expect(files.length).toBeGreaterThanOrEqual(10);
    expect(replayed).toEqual(files.map((file) => join(folder, file)));
  });

  it.each([42, null, {}, [undefined]])('refuses %j as source, and null as options', async (source) => {
    await expect(replayHistories(source as never, { workflowBundle })).rejects.toThrow(
      /^Invalid option source: expected a path, /,
    );
    await expect(replayHistories(recorded, null as never)).rejects.toThrow(InvalidOptionsError);
  });

  it('replays a history of an open run of which the last event has no workflow task yet', async () => {
    const { events } = recordedHistory();
    const fired = events.findIndex((event) => event.timerFiredEventAttributes) + 1;
    const cut = [fired, fired + 1].map((length) => ({
      name: `${length} events`,
      history: { events: events.slice(0, length) },
    }));
    const { replayed } = await replayHistories(cut, { workflowBundle });
    expect(replayed).toEqual(cut.map(({ name }) => name));
  });

  it.each([
    [
      'one-more-timer',
      { eventId: 5, eventType: 'ActivityTaskScheduled' },
      'at event 5 (ActivityTaskScheduled): The code takes another way than the history: Timer machine does not handle this event: HistoryEvent(id: 5, ActivityTaskScheduled',
    ],
    // The replay worker names the activities here, and no event.
    [
      'delete-before-check',
      {},
      "'geminiFilesCheck' does not match activity type of activity command 'geminiFilesDelete'",
    ],
  ])('catches a change under open runs: %s', async (fixture, event, words) => {
    const good = join(recorded, '0.1.0', 'invalid-options.json');
    const history = join(recorded, '0.1.0', 'several-polls.json');
    const replay = replayHistories([good, history], { workflowsPath: path(`fixtures/${fixture}.ts`) });
    const error = await replay.then(
      () => undefined,
      (reason: unknown) => reason as ReplayError,
    );
    expect(error).toBeInstanceOf(ReplayError);
    const failure = error?.failures.find(({ name }) => name === history);
    expect(failure).toMatchObject({ name: history, nondeterministic: true, ...event });
    expect(error?.message).toContain(words);
    expect(error?.message).not.toMatch(/Failure \{|history: \W/);
  });

  it('fails if there is nothing to replay, and for files that are not histories', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'gemini-files-replay-'));
    try {
      const options = { workflowBundle };
      await expect(replayHistories(folder, options)).rejects.toThrow('There is no history to replay');
      const file = join(folder, 'not.json');
      await writeFile(file, '{"events": []}');
      await expect(replayHistories(folder, options)).rejects.toThrow(
        `- ${file}: no workflow history could be read: the history has no events: export it whole`,
      );
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });

  it('finds histories in folders that are linked, once each, and by any spelling of .json', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'gemini-files-replay-'));
    const elsewhere = await mkdtemp(join(tmpdir(), 'gemini-files-replay-'));
    try {
      const history = readFileSync(join(recorded, versions[0] ?? '', 'several-polls.json'));
      await writeFile(join(folder, 'A.JSON'), history);
      await writeFile(join(folder, 'notes.txt'), 'no history');
      await writeFile(join(elsewhere, 'b.json'), history);
      await symlink(elsewhere, join(folder, 'linked'));
      await symlink(folder, join(elsewhere, 'back'));
      await symlink(elsewhere, join(folder, 'once-more'));
      await symlink(join(folder, 'nowhere'), join(folder, 'broken'));
      const { replayed } = await replayHistories(folder, { workflowBundle });
      expect(replayed).toEqual([join(folder, 'A.JSON'), join(folder, 'linked', 'b.json')]);
    } finally {
      for (const path of [folder, elsewhere]) await rm(path, { recursive: true });
    }
  });

  describe('of a namespace', () => {
    /** A client whose namespace lists no run, or cannot be searched. */
    const namespace = (list: () => AsyncIterable<never>) =>
      ({
        client: { workflow: { list }, withDeadline: (_: number, request: () => unknown) => request() },
        query: "WorkflowType = 'mine' AND ExecutionStatus = 'Running'",
      }) as unknown as NamespaceHistories;
    const quiet = namespace(async function* () {});
    const unsearchable = namespace(async function* () {
      await Promise.reject(new Error('14 UNAVAILABLE'));
    });

    it.each([
      ['one query', quiet],
      ['a query with a limit', { ...quiet, limit: 1 }],
      ['a limit of none', { ...quiet, limit: 0 }],
      ['a list of one', [quiet]],
      ['several queries', [quiet, [quiet]]],
    ])('a query that finds no open run is no failure: %s', async (_, source) => {
      expect(await replayHistories(source, { workflowBundle })).toEqual({ replayed: [], skipped: [] });
    });

    it.each([Number.NaN, '500', -1, 1.5])('refuses a limit of %s', async (limit) => {
      const source = { ...quiet, limit: limit as number };
      await expect(replayHistories(source, { workflowBundle })).rejects.toThrow(
        'Invalid option limit: expected a whole number',
      );
    });

    it('is a failure if nothing else was to be replayed either', async () => {
      const folder = await mkdtemp(join(tmpdir(), 'gemini-files-replay-'));
      try {
        for (const source of [[], [quiet, folder]])
          await expect(replayHistories(source, { workflowBundle })).rejects.toThrow(
            'There is no history to replay',
          );
      } finally {
        await rm(folder, { recursive: true });
      }
    });

    it('is a failure if the namespace cannot be searched', async () => {
      await expect(replayHistories([quiet, unsearchable], { workflowBundle })).rejects.toThrow(
        /WorkflowType = 'mine'.*UNAVAILABLE/,
      );
    });
  });

  it('keeps nothing of the recording machine', () => {
    for (const version of versions) {
      for (const file of readdirSync(join(recorded, version))) {
        expect(readFileSync(join(recorded, version, file), 'utf8'), file).not.toMatch(
          /stackTrace|node_modules|\/tmp\//,
        );
      }
    }
  });
});
