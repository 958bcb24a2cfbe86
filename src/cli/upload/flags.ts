/** The options of an upload as flags, which are made of the JSON Schema that the package ships, and back. */

import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import type { FileOrigin, UploadOptions } from '../../contract/index.js';

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

// Both src/cli/upload and dist/cli/upload are three folders below the package's root.
const schemaUrl = new URL('../../../schemas/upload-options.schema.json', import.meta.url);
const { properties } = JSON.parse(readFileSync(schemaUrl, 'utf8')) as {
  readonly properties: Readonly<Record<string, OptionSchema>>;
};

/** What each flag sets; the path or the source is an argument. */
const options = Object.entries(properties).filter(([name]) => name !== 'path' && name !== 'source');

export interface UploadFlags {
  readonly credentials?: string;
  readonly [option: string]: unknown;
}

export function addUploadFlags(command: Command): Command {
  for (const [name, schema] of options) {
    const flag = flagOf(name);
    const help = helpOf(schema);
    if (schema.type === 'boolean')
      command.option(schema.default === true ? `--no-${flag}` : `--${flag}`, help);
    else if (schema.type === 'number') command.option(`--${flag} <number>`, help, Number);
    else command.option(`--${flag} <${placeholderOf(flag, schema)}>`, help);
  }
  return command.addHelpText(
    'after',
    '\nA duration is a number of milliseconds, or a number with its unit, such as 90s.',
  );
}

/** The flags that were given, as the contract's input; validated elsewhere. */
export function toUploadOptions(from: string | FileOrigin, flags: UploadFlags): UploadOptions {
  const given = options.flatMap(([name, schema]): [string, unknown][] => {
    const value = flags[name];
    // Commander sets an option to true if its --no- flag was not given.
    if (value === undefined || (schema.type === 'boolean' && value === schema.default)) return [];
    return [[name, schema.anyOf && value === 'none' ? null : value]];
  });
  return { ...Object.fromEntries(given), ...(typeof from === 'string' ? { path: from } : from) };
}

/** The flag that sets an option; undefined if none does. */
export function flagOfOption(option: string): string | undefined {
  const field = options.find(([name]) => name === option);
  if (!field) return undefined;
  const [name, { type, default: fallback }] = field;
  return `--${type === 'boolean' && fallback === true ? 'no-' : ''}${flagOf(name)}`;
}

function flagOf(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

/** The values, if they can be listed; otherwise what the value is: a duration, a name. */
function placeholderOf(flag: string, schema: OptionSchema): string {
  if ((schema.anyOf?.[0] ?? schema).$ref) return 'duration';
  const values = schema.enum ?? (schema.const === undefined ? undefined : [schema.const]);
  return values?.join('|') ?? flag.split('-').at(-1) ?? flag;
}

/** The description in the words of the command line. */
function helpOf({ type, description, default: fallback }: OptionSchema): string {
  const text = description
    .replace(/^[A-Z](?![A-Z])/, (letter) => letter.toLowerCase())
    .replace(/\.$/, '')
    .replace(/`(.*?)`/g, (_, word: string) => {
      if (word === 'null') return 'none';
      if (word === 'false') return 'this flag';
      return word in properties ? `--${flagOf(word)}` : word;
    });
  return fallback === undefined || type === 'boolean' ? text : `${text} (default: ${fallback})`;
}
