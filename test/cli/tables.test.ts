/** What a terminal shows of several files: tables, colours, and a bar for each file. */

import { PassThrough } from 'node:stream';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { UploadProgress } from '../../src/client/index.js';
import { adviceLine } from '../../src/cli/advice.js';
import { noKey } from '../../src/cli/command-context.js';
import { missingCredentials, unknownProfile } from '../../src/worker/api-key.js';
import { createProgram } from '../../src/cli/program.js';
import { exitCodeOfBatch, summaryLines, toJson, toTable } from '../../src/cli/upload/batch-report.js';
import { formatTime } from '../../src/cli/terminal/format.js';
import { ERROR_CLASSES } from '../../src/contract/errors.js';
import { createBarBoard, createLineBoard } from '../../src/cli/terminal/board.js';
import { colourFor } from '../../src/cli/terminal/colour.js';
import { columns } from '../../src/cli/terminal/columns.js';
import { sweepAdvice, sweepLines } from '../../src/cli/sweep-report.js';
import { displayWidth, padTo, plainText } from '../../src/cli/terminal/text.js';

const PROGRESS: UploadProgress = {
  phase: 'uploading',
  id: 'files/a',
  bytesSent: 5_000_000,
  sizeBytes: 10_000_000,
  state: null,
  polls: 0,
  nextCheckAt: null,
  deadline: null,
};

describe('a table', () => {
  it('is aligned by what a terminal shows, also of wide letters', () => {
    expect(
      columns(
        ['NAME', 'STATE'],
        [
          ['東京.mp4', 'ACTIVE'],
          ['a', ''],
        ],
      ),
    ).toEqual(['NAME      STATE', '東京.mp4  ACTIVE', 'a         -']);
  });

  it('without rows has no lines', () => {
    expect(columns(['NAME'], [])).toEqual([]);
  });

  it('does not let a name control the terminal', () => {
    const [, row] = columns(['NAME'], [['\u001B[2Jx\ny\u202Ez']]);
    expect(row).toBe('\uFFFD[2Jx\uFFFDy\uFFFDz');
  });

  it('has colours on a terminal alone, and none with NO_COLOR', () => {
    const rows = [
      ['a', 'FAILED'],
      ['b', 'UploadFailedError'],
    ];
    const on = columns(['NAME', 'STATE'], rows, colourFor({ isTTY: true }, {}));
    expect(on).toEqual([
      '\u001B[1mNAME\u001B[22m  \u001B[1mSTATE\u001B[22m',
      'a     \u001B[31mFAILED\u001B[39m',
      'b     \u001B[31mUploadFailedError\u001B[39m',
    ]);
    for (const off of [
      colourFor({ isTTY: false }, {}),
      colourFor({ isTTY: true }, { NO_COLOR: '1' }),
      colourFor({ isTTY: true }, { TERM: 'dumb' }),
    ])
      expect(columns(['NAME', 'STATE'], rows, off).join('')).not.toContain('\u001B');
  });

  it('cuts and fills text by its width', () => {
    expect([padTo('abc', 5), padTo('abcdef', 4), padTo('東京都', 4)]).toEqual(['abc  ', 'abc…', '東… ']);
    expect(displayWidth('👨‍👩‍👧é')).toBe(3);
    expect(plainText('\uD800')).toBe('\uFFFD');
  });
});

describe('the result of a sweep', () => {
  const nothing = {
    dryRun: false,
    found: 0,
    deleted: 0,
    gone: 0,
    failed: 0,
    kept: 0,
    unreadable: 0,
    skipped: 0,
  };

  it('is an aligned table of the files, one of the runs that were left alone, and the counts', () => {
    const files = [
      { name: 'files/long-name', workflowId: 'w1', runId: 'r', outcome: 'deleted' },
      { name: 'files/a', workflowId: 'w-two', runId: 'r', outcome: 'deleted', gone: true },
      { name: 'files/b', workflowId: 'w3', runId: 'r', outcome: 'failed', error: 'delete: 403' },
    ] as const;
    const runs = [
      { workflowId: 'w4', runId: 'r', outcome: 'skipped', reason: 'another run is open' },
    ] as const;
    const result = { ...nothing, found: 3, deleted: 2, gone: 1, failed: 1, kept: 1, skipped: 1, files, runs };
    expect(sweepLines(result, "WorkflowType = 'x'")).toEqual([
      'NAME             OUTCOME  WORKFLOW  REASON',
      'files/long-name  deleted  w1        -',
      'files/a          gone     w-two     -',
      'files/b          failed   w3        delete: 403',
      '',
      'WORKFLOW  RUN  OUTCOME  REASON',
      'w4        r    skipped  another run is open',
      '',
      '3 found, 2 deleted (1 gone already), 1 failed, 1 kept, skipped runs: 1',
      "Searched: runs that match WorkflowType = 'x'",
    ]);
  });

  it('ends with what to do about files that are left, and about runs that could not be read', () => {
    expect(sweepAdvice(nothing)).toEqual([]);
    expect(sweepAdvice({ failed: 1, unreadable: 2 })).toEqual([
      expect.stringContaining('Repeat the sweep'),
      expect.stringContaining('sweepAbandonedFiles'),
    ]);
  });

  it('is the counts alone if nothing was found', () => {
    expect(sweepLines({ ...nothing, files: [], runs: [] }, undefined)).toEqual([
      '0 found, 0 deleted, 0 failed',
      expect.stringMatching(/^Searched: runs of uploadAndWaitActive, .*--query/),
    ]);
  });
});

describe('the progress of several files', () => {
  const recorder = () => {
    const lines: string[] = [];
    const say = (line: string) => void lines.push(line);
    return { lines, output: { json: false, say, result: () => undefined } };
  };

  it('is lines with the name of the file, if there is no terminal', () => {
    const { lines, output } = recorder();
    const board = createLineBoard(output);
    const [one, two] = [board.open('a.mp4'), board.open('b.mp4')];
    one.show(PROGRESS);
    two.show({ ...PROGRESS, phase: 'processing', state: 'PROCESSING', polls: 1 });
    expect(lines).toEqual(['a.mp4: uploading: 5 MB of 10 MB', 'b.mp4: check 1: PROCESSING']);
  });

  it('is a bar for each on a terminal; messages stand above, and nothing is left of a file that has ended', () => {
    const stream = Object.assign(new PassThrough(), {
      isTTY: true,
      columns: 100,
      cursorTo: () => true,
      clearLine: () => true,
    });
    const { lines, output } = recorder();
    const board = createBarBoard(output, ['a.mp4', 'long.mp4'], stream);
    board.say('before');
    const [one, two] = [board.open('a.mp4'), board.open('long.mp4')];
    one.show(PROGRESS);
    two.show({ ...PROGRESS, phase: 'processing', state: 'PROCESSING', polls: 2 });
    board.say('message');
    const shown = String(stream.read());
    expect(shown).toContain(`a.mp4    [${'█'.repeat(10)}${'░'.repeat(10)}] 5 MB of 10 MB`);
    expect(shown).toContain(`long.mp4 [${'█'.repeat(20)}] PROCESSING, 2 checks`);
    expect(shown.lastIndexOf('message')).toBeLessThan(shown.lastIndexOf('long.mp4 ['));
    one.end();
    one.show({ ...PROGRESS, lastFailure: { attempt: 1, message: 'late', nextAttemptAt: null } });
    board.say('again');
    const drawnAgain = String(stream.read());
    expect(drawnAgain).toContain('long.mp4 [');
    expect(drawnAgain).not.toMatch(/a\.mp4|late/);
    two.end();
    board.end();
    board.say('after');
    expect(lines).toEqual(['before', 'after']);
  });
});

describe('a time', () => {
  afterEach(() => vi.unstubAllEnvs());

  it.each([
    ['UTC', '2026-11-27T02:46:41Z'],
    ['Asia/Kolkata', '2026-11-27T08:16:41+05:30'],
    ['America/New_York', '2026-11-26T21:46:41-05:00'],
  ])('is local, with its zone: %s', (zone, shown) => {
    vi.stubEnv('TZ', zone);
    expect(formatTime('2026-11-27T02:46:41.113154334Z')).toBe(shown);
  });
});

describe('the report of several files', () => {
  const fail = (given: string, type: string, message: string) => ({
    of: { given, origin: { path: given } },
    error: { type, message },
    exitCode: 1,
  });
  const outcomes = [
    fail('a.mp4', 'EmptyFileError', 'it is empty'),
    fail('b.mp4', 'FileNotFoundError', 'not found'),
    fail('c.mp4', 'EmptyFileError', 'it is empty'),
  ];

  it('says in the title of the last column that it has reasons, if one failed', () => {
    expect(toTable(outcomes)[0]).toMatch(/ EXPIRES, OR WHY NOT ACTIVE$/);
    expect(toTable([])[0] ?? '').not.toContain('WHY');
  });

  it('shows a source without what may be a secret; JSON has the whole source, if it is not refused', () => {
    const outcomeOf = (source: string) => ({
      of: { given: source, origin: { source } },
      error: { type: 'InvalidOptionsError', message: 'refused' },
      exitCode: 1,
    });
    const signed = outcomeOf('https://user:secret@example.com/a.mp4?X-Amz-Signature=secret');
    expect(toTable([signed])[1]).toMatch(/^https:\/\/example\.com\/a\.mp4 {2}/);
    expect(toJson(signed)).toMatchObject({ source: 'https://example.com/a.mp4' });
    const plain = outcomeOf('https://example.com/a.mp4?id=1');
    expect(toTable([plain])[1]).toMatch(/^https:\/\/example\.com\/a\.mp4 {2}/);
    expect(toJson(plain)).toMatchObject({ source: 'https://example.com/a.mp4?id=1' });
  });

  it('says for each kind of failure what to do, and for which kind it is', () => {
    const [, ...advice] = summaryLines(outcomes, 3, 0);
    expect(advice.map((line) => line.split(': ', 1)[0])).toEqual(['EmptyFileError', 'FileNotFoundError']);
    const line = adviceLine({ type: 'EmptyFileError', message: '' });
    expect(advice[0]).toBe(`EmptyFileError: ${line}`);
    expect(summaryLines(outcomes.slice(0, 1), 1, 0)[1]).toBe(line);
  });
});

describe('the last line of a failure', () => {
  it('says what to do next, for each type', () => {
    const general = adviceLine({ type: 'Error', message: '' });
    expect(general).toContain('doctor');
    const lines = Object.keys(ERROR_CLASSES).map((type) => adviceLine({ type, message: '' }));
    expect(new Set(lines).size).toBe(lines.length);
    expect(lines).not.toContain(general);
  });

  it('names doctor for a missing key, or a missing profile, once', () => {
    for (const { name: type, message } of [noKey(), missingCredentials(), unknownProfile('a', new Map())]) {
      const text = `${message}\n${adviceLine({ type, message })}`;
      expect(text.match(/ doctor /g), text).toHaveLength(1);
    }
    const { name: type, message } = unknownProfile('a', new Map());
    expect(adviceLine({ type, message })).not.toContain('GEMINI_API_KEY');
  });

  it.each(['TerminatedFailure', 'TimeoutFailure'])(
    'names commands that find what a run has left: %s',
    (type) => {
      expect(adviceLine({ type, message: '' })).toMatch(/ list .* delete .* sweep /);
    },
  );

  it('names the page about sources for a source of a wrong form', () => {
    const message = 'Invalid option source: expected an https:// URL';
    expect(adviceLine({ type: 'InvalidOptionsError', message })).toContain('docs/sources.md');
  });

  it.each([
    ['upload', 'Invalid option timeout: expected at most', 'docs/options.md has their bounds'],
    ['wait', 'Invalid option id: expected', 'docs/wait-active.md has their bounds'],
    ['hold', 'Invalid option for: expected', 'docs/holds.md has their bounds'],
    [
      'upload',
      'Invalid configuration in a.json: teir: unknown field',
      'docs/configuration.md has the fields',
    ],
    ['worker', 'Invalid option sources.https.allowedOrigins: expected', 'docs/sources.md has the forms'],
  ])('names the page with what is expected, for %s: %s', (command, message, page) => {
    expect(adviceLine({ type: 'InvalidOptionsError', message }, command)).toContain(page);
  });

  it('names list for a file that cannot be found', () => {
    const message = 'files/none cannot be found: 403 three times';
    expect(adviceLine({ type: 'UploadFailedError', message }, 'wait')).toMatch(/ list shows the files/);
  });

  it.each([
    ['upload', '--no-cleanup-on-timeout'],
    ['wait', '--cleanup-on-timeout'],
    ['hold', undefined],
  ])('names flags of %s only, for a file that was not ACTIVE in time', (name, keeping) => {
    const line = adviceLine({ type: 'UploadInactiveError', message: '', cleanup: 'deleted' }, name);
    const command = createProgram([], {}, () => () => Promise.resolve()).commands.find(
      (one) => one.name() === name,
    );
    const flags = line.match(/--[a-z-]+/g);
    expect(flags).toEqual(['--timeout', ...(keeping === undefined ? [] : [keeping])]);
    expect(command?.options.map(({ long }) => long)).toEqual(expect.arrayContaining(flags ?? []));
  });

  it.each(['replay', 'emulator'])('does not send users of %s to doctor, which checks uploads', (command) => {
    const line = adviceLine({ type: 'Error', message: '' }, command);
    expect(line.replace(/^npx /, '')).toBe(`temporal-gemini-files ${command} --help shows the usage.`);
  });

  it.each([
    ['release', 'temporal-gemini-files release --help shows the usage.'],
    [undefined, 'temporal-gemini-files --help shows the usage.'],
  ])('names the help of the command that was used wrongly: %s', (command, line) => {
    expect(adviceLine({ type: 'UsageError', message: '' }, command).replace(/^npx /, '')).toBe(line);
  });
});

describe('the exit code of several files', () => {
  const of = { given: 'a', origin: { path: '/a' } };
  it.each([
    ['all ACTIVE', [0, 0], 2, false, 0],
    ['all ACTIVE, as Ctrl-C comes', [0, 0], 2, true, 0],
    ['only timeouts', [0, 3, 3], 3, false, 3],
    ['a timeout and a failure', [3, 1], 2, false, 1],
    ['a mistake in an option of one', [2], 2, false, 1],
    ['interrupted', [0, 130], 2, true, 130],
    ['interrupted before the last began', [0], 2, true, 130],
    ['interrupted after a timeout, before the last began', [3], 2, true, 130],
    ['interrupted after a failure, before the last began', [1], 2, true, 130],
  ])('%s', (_name, codes, files, interrupted, expected) => {
    const outcomes = codes.map((exitCode) => ({ of, exitCode }));
    expect(exitCodeOfBatch(outcomes, files, interrupted)).toBe(expected);
  });
});
