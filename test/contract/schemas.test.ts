/** The JSON Schemas that are shipped say what the validation says. */

import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { UPLOAD_FIELDS } from '../../src/contract/options.js';

interface JsonSchema {
  readonly properties: Record<string, { readonly default?: unknown }>;
  readonly required: readonly string[];
  readonly additionalProperties: boolean;
}

const schema = JSON.parse(
  readFileSync(new URL('../../schemas/upload-options.schema.json', import.meta.url), 'utf8'),
) as JsonSchema;

describe('upload-options.schema.json', () => {
  it('has the fields of the validation, and no other', () => {
    expect(Object.keys(schema.properties).sort()).toEqual(Object.keys(UPLOAD_FIELDS).sort());
    expect(schema.required).toEqual(['path']);
    expect(schema.additionalProperties).toBe(false);
  });

  it('has its defaults', () => {
    const defaults = Object.entries(schema.properties).flatMap(([name, { default: value }]) =>
      value === undefined ? [] : [[name, value]],
    );
    const expected = Object.entries(UPLOAD_FIELDS).flatMap(([name, field]) =>
      'default' in field ? [[name, field.default]] : [],
    );
    expect(Object.fromEntries(defaults)).toEqual(Object.fromEntries(expected));
  });
});
