/** A value of a flag that can be refused without a server is refused before one is asked or started: every flag of every command. */

import { describe, expect, it } from 'vitest';
import { createProgram } from '../../src/cli/program.js';
import { useCliHere } from '../support/cli-here.js';

/** Values that are refused; a text says why any value is taken, or is refused only by a server. */
type Values = readonly string[] | string;

const NAME = 'any text is a name';
const NAME_OF_SERVER = 'only the server knows the names';
const LONG = 'n'.repeat(1025);
const TEMPORAL = {
  address: ['', 'host', 'http://127.0.0.1:7233', 'host:port'],
  namespace: NAME_OF_SERVER,
  profile: ['nobody'],
};
const CONFIG = { config: ['none.json', 'broken.json'] };
const DURATION = ['5', '-5s', '-5', 'Infinity', '1e3', '5x', '0x10', ''];
const WAIT = {
  timeout: [...DURATION, '8761h'],
  'poll-interval': [...DURATION, '11s'],
  'max-poll-interval': [...DURATION, '1s', 'never'],
  'backoff-coefficient': ['0.5', 'twice', 'Infinity'],
  jitter: DURATION.filter((value) => value !== ''),
  'cleanup-timeout': [...DURATION, '1ms'],
  credentials: ['', LONG],
  'task-queue': ['', LONG, '/_sys/queue'],
};
const UPLOAD = {
  ...WAIT,
  provider: ['openai'],
  'display-name': ['', 'n'.repeat(513)],
  'mime-type': ['', 'video', 'video/mp4; codecs=1'],
  'upload-timeout': [...DURATION, '1ms'],
  'on-quota-full': ['later'],
};
const UNREACHABLE = { 'unreachable-timeout': [...DURATION, '0s', '999ms', '31d'] };
const WORKER = {
  'allow-root': ['nowhere'],
  'allow-origin': ['http://a.example', 'nonsense'],
  'task-queue': ['', LONG, '/_sys/queue'],
  tier: ['gold'],
  ...CONFIG,
};

const COMMANDS: Record<string, { args: readonly string[]; values: Record<string, Values> }> = {
  upload: {
    args: ['good.txt'],
    values: {
      ...UPLOAD,
      credentials: ['', LONG, 'nobody'],
      ...TEMPORAL,
      ...UNREACHABLE,
      ...CONFIG,
      as: 'the command itself sets it',
      concurrency: ['0', '-1', '1.5', 'all', '1000'],
    },
  },
  wait: {
    args: ['files/a'],
    values: {
      ...WAIT,
      credentials: ['', LONG, 'nobody'],
      ...TEMPORAL,
      ...UNREACHABLE,
      ...CONFIG,
    },
  },
  hold: {
    args: ['good.txt'],
    values: {
      ...UPLOAD,
      for: [...DURATION, '9999d'],
      'lease-id': ['', LONG],
      linger: [...DURATION, '9999d'],
      'renew-before': [...DURATION, '72h'],
      grace: [...DURATION, '9999d'],
      'hold-id': ['', LONG],
      reuse: ['name'],
      ...TEMPORAL,
    },
  },
  release: { args: ['hold'], values: { ...TEMPORAL, lease: ['', LONG] } },
  worker: {
    args: [],
    values: {
      ...WORKER,
      ...TEMPORAL,
      'host-queue': ['', LONG, '/_sys/queue'],
      deployment: ['alone'],
      'build-id': ['alone'],
      'shutdown-grace-time': [...DURATION],
      metrics: ['9464', 'host:port', '127.0.0.1:70000'],
      'log-format': ['xml'],
    },
  },
  status: { args: [], values: TEMPORAL },
  ui: { args: [], values: {} },
  sweep: {
    args: [],
    values: { ...TEMPORAL, 'older-than': [...DURATION, '9999d'], query: NAME_OF_SERVER, ...CONFIG },
  },
  usage: { args: [], values: { credentials: ['nobody'], ...CONFIG } },
  list: { args: [], values: { state: ['LOST'], credentials: ['nobody'], ...CONFIG } },
  delete: { args: ['files/a', '--yes'], values: { credentials: ['nobody'], ...CONFIG, ...TEMPORAL } },
  replay: { args: ['good.txt'], values: { workflows: ['nowhere.ts'] } },
  doctor: {
    args: ['--offline'],
    values: {
      ...Object.fromEntries(Object.keys(WORKER).map((flag) => [flag, 'it reports each mistake as a check'])),
      ...TEMPORAL,
      address: 'it reports each mistake as a check',
      profile: 'it reports each mistake as a check',
      'task-queue': WORKER['task-queue'],
      source: 'it reports each mistake as a check',
    },
  },
  emulator: {
    args: [],
    values: {
      host: [''],
      port: ['-1', '65536', 'http'],
      processing: DURATION,
      outcome: ['MAYBE'],
      'visible-after': DURATION,
      faults: ['none.json', 'good.txt', 'broken.json'],
      'state-file': NAME,
    },
  },
};

const cli = useCliHere();

it('names every flag with a value', () => {
  const program = createProgram([], {}, () => () => Promise.resolve());
  const flags = program.commands.map((command) => [
    command.name(),
    command.options.filter(({ required }) => required).map(({ long }) => long?.slice(2)),
  ]);
  expect(Object.fromEntries(flags)).toEqual(
    Object.fromEntries(
      Object.entries(COMMANDS).map(([name, { values }]) => [
        name,
        expect.toSatisfy(
          (given: string[]) =>
            JSON.stringify(given.toSorted()) === JSON.stringify(Object.keys(values).toSorted()),
          Object.keys(values).join(' '),
        ) as string[],
      ]),
    ),
  );
});

/** Arguments that are refused, of the commands whose arguments are no paths. */
const ARGUMENTS: readonly (readonly string[])[] = [
  ['upload', ''],
  ['wait', 'clip.mp4'],
  ['hold', '/dev/null\0'],
  ['release', ''],
  ['release', LONG],
  ['status', ''],
  ['status', LONG],
  ['ui', ''],
  ['delete', 'clip.mp4', '--yes'],
  ['delete', 'files/A_B', '--yes'],
  ['replay', 'nowhere'],
];

const rows = Object.entries(COMMANDS).flatMap(([command, { args, values }]) =>
  Object.entries(values).flatMap(([flag, refused]): [string, string, string[]][] =>
    typeof refused === 'string'
      ? []
      : refused.map((value) => [
          `${command} --${flag} ${value.length > 50 ? 'LONG' : value}`,
          flag,
          [command, ...args, `--${flag}=${value}`],
        ]),
  ),
);

describe('is refused without a contact', () => {
  it.each(ARGUMENTS)('%s %s', async (...args) => {
    const { code, text, contacts } = await cli.run(args);
    expect(contacts, text).toBe(0);
    expect([1, 2], text).toContain(code);
    expect(cli.hasState()).toBe(false);
  });

  it.each(rows)('%s', async (_, flag, args) => {
    const { code, text, contacts } = await cli.run(args);
    expect(contacts, text).toBe(0);
    expect(code, text).toBe(flag === 'credentials' && args.at(-1)?.endsWith('nobody') ? 1 : 2);
    expect(text).not.toMatch(/number of milliseconds/);
    expect(cli.hasState()).toBe(false);
  });
});
