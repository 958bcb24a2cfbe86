// What schemas and documentation say about the options that readOptions returns.

/** Where a file is: options that have both take exactly one, as `assertOneOrigin` in src/contract/options.ts checks it. */
const ORIGINS = ['path', 'source'];

/** The JSON Schema of an options object. */
export function schemaOf({ text, options }, definitions) {
  const required = options.filter(({ presence }) => presence === 'required').map(({ name }) => name);
  const eitherOrigin = ORIGINS.every((origin) => options.some(({ name }) => name === origin));
  const properties = options.map((option) => [
    option.name,
    {
      ...option.kind.schema,
      ...(option.text && { description: describe(option) }),
      ...('default' in option && { default: option.default }),
    },
  ]);
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    type: 'object',
    properties: Object.fromEntries(properties),
    ...(required.length > 0 && { required }),
    ...(eitherOrigin && { oneOf: ORIGINS.map((name) => ({ required: [name] })) }),
    additionalProperties: false,
    description: text,
    definitions,
  };
}

function describe({ text, kind: { range } }) {
  return range ? `${text} From ${rangeOf(range)}.` : text;
}

/** The table of the options, in Markdown. */
export function tableOf({ options }) {
  const rows = options.map((option) => [
    `\`${option.name}\``,
    defaultOf(option),
    boundsOf(option.kind),
    option.text,
  ]);
  return markdownTable(['Option', 'Default', 'Bounds', 'Meaning'], rows);
}

/** The table of the fields of a file, which have no defaults of their own. @param groups - fields, by what their names begin with */
export function fieldsTable(groups) {
  const rows = Object.entries(groups).flatMap(([prefix, { options }]) =>
    options.map(({ name, kind, text }) => [`\`${prefix}${name}\``, boundsOf(kind), text]),
  );
  return markdownTable(['Field', 'Values', 'Meaning'], rows);
}

export function markdownTable(header, rows) {
  const lines = [header, header.map(() => '---'), ...rows];
  return lines.map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

function defaultOf(option) {
  if (option.presence === 'required') return 'required';
  return 'default' in option ? `\`${option.default}\`` : '–';
}

function boundsOf({ schema, range }) {
  const values = schema.enum ?? (schema.const === undefined ? [] : [schema.const]);
  if (schema.type === 'boolean') values.push(true, false);
  const allowed = range ? rangeOf(range) : values.map((value) => `\`${value}\``).join(', ');
  return schema.anyOf ? `${allowed}, or \`null\`` : allowed;
}

function rangeOf({ min, max, unit }) {
  if (unit !== 'ms') return `${min} to ${max} ${unit}`.trim();
  return `${durationOf(min)} to ${durationOf(max)}`;
}

function durationOf(ms) {
  if (ms === 0) return '0';
  if (ms % 3_600_000 === 0) return `${ms / 3_600_000} h`;
  return ms % 1000 === 0 ? `${ms / 1000} s` : `${ms} ms`;
}
