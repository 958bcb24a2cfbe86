/** The options of an upload and of a wait as flags, which are made of the JSON Schemas that the package ships, and back. */

import { readFileSync } from 'node:fs';
import { Option, type Command } from 'commander';
import type { FileOrigin, UploadOptions } from '../../contract/options.js';
import type { HoldSettings } from '../../contract/hold.js';
import type { WaitOptions } from '../../contract/wait-options.js';
import { durationOption } from '../duration-argument.js';

interface OptionSchema {
  readonly type?: 'string' | 'number' | 'boolean';
  readonly const?: string;
  readonly enum?: readonly string[];
  /** Of a duration. */
  readonly $ref?: string;
  /** If the option can be null: the schema of its other values, and null's. */
  readonly anyOf?: readonly [OptionSchema, OptionSchema];
  readonly description: string;
  readonly default?: string | number | boolean;
}

interface Schema {
  readonly properties: Readonly<Record<string, OptionSchema>>;
  readonly required?: readonly string[];
}

interface Options {
  readonly fields: readonly (readonly [name: string, schema: OptionSchema])[];
  readonly required: readonly string[];
}

/** @param others - options that no flag sets: an argument does, or nothing */
function readOptions(schema: string, others: readonly string[]): Options {
  // Both src/cli/upload and dist/cli/upload are three folders below the package's root.
  const url = new URL(`../../../schemas/${schema}-options.schema.json`, import.meta.url);
  const { properties, required = [] } = JSON.parse(readFileSync(url, 'utf8')) as Schema;
  return { fields: Object.entries(properties).filter(([name]) => !others.includes(name)), required };
}

const OPTIONS = {
  upload: readOptions('upload', ['path', 'source']),
  wait: readOptions('wait', ['id']),
  // A hold ignores `cleanupOnTimeout`.
  hold: readOptions('hold', ['path', 'source', 'cleanupOnTimeout']),
};

export interface UploadFlags {
  readonly credentials?: string;
  readonly [option: string]: unknown;
}

/**
 * @param of - the input whose options they are
 * @param defaults - of options that the command sets itself if their flags are not given
 */
export function addOptionFlags(
  command: Command,
  of: keyof typeof OPTIONS,
  defaults: Readonly<Record<string, string>> = {},
): Command {
  const { fields, required } = OPTIONS[of];
  for (const [name, schema] of fields) {
    const flag = flagOf(name);
    const own = defaults[name];
    const text = helpOf(own === undefined ? schema : { ...schema, default: own });
    const help = required.includes(name) ? `${text} (required)` : text;
    if (schema.type === 'boolean')
      command.option(schema.default === true ? `--no-${flag}` : `--${flag}`, help);
    else if (schema.type === 'number') command.option(`--${flag} <number>`, help, Number);
    else {
      const option = new Option(`--${flag} <${placeholderOf(flag, schema)}>`, help);
      command.addOption(
        isDuration(schema) ? option.argParser(durationOption(name, schema.anyOf !== undefined)) : option,
      );
    }
  }
  return command.addHelpText('after', '\nA duration is a number with its unit, such as 500ms, 90s or 2h.');
}

/** The flags that were given, as the contract's input; validated elsewhere. */
export function toUploadOptions(from: string | FileOrigin, flags: UploadFlags): UploadOptions {
  return { ...givenOptions('upload', flags), ...(typeof from === 'string' ? { path: from } : from) };
}

/** The same of a wait. */
export function toWaitOptions(id: string, flags: UploadFlags): WaitOptions {
  return { ...givenOptions('wait', flags), id };
}

/** The same of a hold. */
export function toHoldSettings(flags: UploadFlags): HoldSettings {
  return givenOptions('hold', flags) as unknown as HoldSettings;
}

function givenOptions(of: keyof typeof OPTIONS, flags: UploadFlags): Record<string, unknown> {
  const given = OPTIONS[of].fields.flatMap(([name, schema]): [string, unknown][] => {
    const value = flags[name];
    // Commander sets an option to true if its --no- flag was not given.
    if (value === undefined || (schema.type === 'boolean' && value === schema.default)) return [];
    return [[name, schema.anyOf && value === 'none' ? null : value]];
  });
  return Object.fromEntries(given);
}

/** The flag that sets an option; undefined if none does. */
export function flagOfOption(option: string): string | undefined {
  const fields = Object.values(OPTIONS).flatMap(({ fields }) => fields);
  const field = fields.find(([name]) => name === option);
  if (!field) return undefined;
  const [name, { type, default: fallback }] = field;
  return `--${type === 'boolean' && fallback === true ? 'no-' : ''}${flagOf(name)}`;
}

function flagOf(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

const isDuration = (schema: OptionSchema) => (schema.anyOf?.[0] ?? schema).$ref !== undefined;

/** The values, if they can be listed; otherwise what the value is: a duration, a name. */
function placeholderOf(flag: string, schema: OptionSchema): string {
  if (isDuration(schema)) return 'duration';
  const values = schema.enum ?? (schema.const === undefined ? undefined : [schema.const]);
  return values?.join('|') ?? flag.split('-').at(-1) ?? flag;
}

/** The description in the words of the command line. */
function helpOf({ type, description, default: fallback }: OptionSchema): string {
  // A flag that begins with --no- does the opposite of what the option says; the second half says that.
  const said =
    type === 'boolean' && fallback === true
      ? `do not ${description.replace(/; `false` .*$/, '')}`
      : description;
  const text = said
    .replace(
      /^(do not )?([A-Z])(?![A-Z])/,
      (_, not: string | undefined, letter: string) => `${not ?? ''}${letter.toLowerCase()}`,
    )
    .replace(/\.$/, '')
    .replace(/`(.*?)`/g, (_, word: string) => {
      if (word === 'null') return 'none';
      if (word === 'false') return 'this flag';
      return OPTIONS.upload.fields.some(([name]) => name === word) ? `--${flagOf(word)}` : word;
    });
  return fallback === undefined || type === 'boolean' ? text : `${text} (default: ${fallback})`;
}
