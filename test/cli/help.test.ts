/** What `--help` says of the flags of every command. */

import { existsSync } from 'node:fs';
import type { Command } from 'commander';
import { afterEach, describe, expect, it } from 'vitest';
import { REPEATED } from '../../src/cli/own-command.js';
import { createProgram } from '../../src/cli/program.js';
import { flagOfOption } from '../../src/cli/upload/flags.js';
import { UPLOAD_FIELDS } from '../../src/contract/options.js';

const program = createProgram([], {}, () => () => Promise.resolve());

/** Commander writes the default of a flag behind its description, which then does not name it too. */
function defaults({ options }: Command): [string, number][] {
  return options.map(({ long, description, defaultValue, defaultValueDescription }) => [
    long ?? '',
    (description.match(/\(default/g) ?? []).length +
      (defaultValue === undefined && defaultValueDescription === undefined ? 0 : 1),
  ]);
}

describe.each(program.commands.map((command) => [command.name(), command] as const))('%s', (_, command) => {
  it('names the default of a flag once', () => {
    expect(defaults(command).filter(([, times]) => times > 1)).toEqual([]);
  });

  it('gives a default that is a duration a unit', () => {
    const bare = command.options.filter(
      ({ flags, defaultValue, defaultValueDescription }) =>
        flags.includes('<duration>') &&
        typeof defaultValue === 'number' &&
        !/\d(ms|s|m|h)$/.test(defaultValueDescription ?? ''),
    );
    expect(bare.map(({ flags }) => flags)).toEqual([]);
  });
});

it.each(Object.entries(REPEATED))('%s has the flags that are printed with it', (name, flags) => {
  const command = program.commands.find((each) => each.name() === name);
  const known = command?.options.map(({ long }) => long);
  expect(known).toEqual(expect.arrayContaining(flags.map((flag) => `--${flag}`)));
});

describe('from another folder', () => {
  const root = process.cwd();
  afterEach(() => process.chdir(root));

  it('names pages that can be opened from there', () => {
    process.chdir('test/docs');
    const { commands } = createProgram([], {}, () => () => Promise.resolve());
    let help = '';
    for (const command of commands) {
      command.configureOutput({ writeOut: (text) => (help += text) });
      command.outputHelp();
    }
    const pages = help.match(/\S*docs\/\S+\.md/g) ?? [];
    expect(pages).toHaveLength(2);
    expect(pages.filter((page) => !existsSync(page))).toEqual([]);
  });
});

describe('hold', () => {
  const hold = program.commands.find((command) => command.name() === 'hold');
  const descriptionOf = (flag: string) => hold?.options.find(({ long }) => long === flag)?.description;

  it('names the lease that it takes, which is the one that release ends', () => {
    const release = program.commands.find((command) => command.name() === 'release');
    const ended = release?.options.find(({ long }) => long === '--lease')?.defaultValue as string;
    expect(descriptionOf('--lease-id')).toContain(`(default: ${ended})`);
  });

  it('says which of its flags is required', () => {
    const required = hold?.options.filter(({ description }) => description.endsWith('(required)'));
    expect(required?.map(({ long }) => long)).toEqual(['--for']);
  });

  it('has each flag of an upload but the one that it would ignore', () => {
    const options = Object.keys(UPLOAD_FIELDS).filter((name) => name !== 'path' && name !== 'source');
    const missing = options.map(flagOfOption).filter((flag) => descriptionOf(flag ?? '') === undefined);
    expect(missing).toEqual(['--no-cleanup-on-timeout']);
  });
});
