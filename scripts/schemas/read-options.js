// The workflows' options as data: the tables of fields in src/contract, with the comments on the fields.
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import ts from 'typescript';

const path = (relative) => fileURLToPath(new URL(`../../${relative}`, import.meta.url));

/**
 * @param module - file in src/contract, or below src, that has the table
 * @param table - name of the table of fields
 * @param type - name of the type that is derived from it; through it the comments come, so editors show them too
 * @param typeModule - file that has the type, if another: there a default may be in words, and a field may explain itself
 * @returns the comment on the type, and each field with its name and its comment, in the table's order
 */
export async function readOptions(module, table, type, typeModule = module) {
  const source = sourceOf(module);
  const { [table]: fields } = await importTypeScript(
    source,
    // One for each table: two tables of a module may be read at the same time.
    path(`.cache/contract/${module.replaceAll('/', '-')}-${table}.mjs`),
  );
  const comments = readComments(sourceOf(typeModule), type);
  const options = Object.entries(fields).map(([name, field]) => {
    const { text, byDefault } = comments.fields.get(name);
    if (typeModule !== module) return { ...field, name, text };
    if (!text) throw new Error(`${table}.${name} has no comment`);
    if (byDefault !== asWritten(field.default))
      throw new Error(
        `The comment on ${table}.${name} says @default ${byDefault}, it is ${asWritten(field.default)}`,
      );
    return { ...field, name, text };
  });
  return { text: comments.text, options };
}

const sourceOf = (module) => path(module.includes('/') ? `src/${module}.ts` : `src/contract/${module}.ts`);

async function importTypeScript(source, outfile) {
  await build({
    entryPoints: [source],
    outfile,
    bundle: true,
    format: 'esm',
    platform: 'node',
    packages: 'external',
  });
  return import(outfile);
}

function readComments(source, type) {
  const { config } = ts.readConfigFile(path('tsconfig.json'), ts.sys.readFile);
  const { options } = ts.convertCompilerOptionsFromJson(config.compilerOptions, path('.'));
  const program = ts.createProgram([source], options);
  const checker = program.getTypeChecker();
  const module = checker.getSymbolAtLocation(program.getSourceFile(source));
  const symbol = checker.getExportsOfModule(module).find(({ name }) => name === type);
  const textOf = (one) => ts.displayPartsToString(one.getDocumentationComment(checker)).replace(/\s+/g, ' ');
  const properties = checker.getPropertiesOfType(checker.getDeclaredTypeOfSymbol(symbol));
  const fields = properties.map((property) => {
    const tag = property.getJsDocTags(checker).find(({ name }) => name === 'default');
    return [
      property.name,
      { text: textOf(property), byDefault: tag && ts.displayPartsToString(tag.text).trim() },
    ];
  });
  return { text: textOf(symbol), fields: new Map(fields) };
}

function asWritten(value) {
  return typeof value === 'string' ? `'${value}'` : value === undefined ? undefined : String(value);
}
