// The table in docs/failures.md: the failure types in the order of ERROR_CLASSES, with the comments on their classes.
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { markdownTable } from './render-options.js';

const SOURCE = fileURLToPath(new URL('../../src/contract/errors.ts', import.meta.url));

/** @returns the table in Markdown @throws Error for a class without a comment, or without what to do */
export async function failuresTable() {
  const source = ts.createSourceFile(SOURCE, await readFile(SOURCE, 'utf8'), ts.ScriptTarget.Latest, true);
  const comments = new Map();
  let types = [];
  for (const statement of source.statements) {
    if (ts.isClassDeclaration(statement)) comments.set(statement.name.text, commentOf(statement));
    if (ts.isVariableStatement(statement)) types = namesIn(statement) ?? types;
  }
  const rows = types.map((type) => {
    const [when, , advice] = (comments.get(type) ?? '').split(/(\s*What to do: )/);
    if (!when || !advice)
      throw new Error(`The comment on ${type} does not say when it is thrown, and what to do`);
    return [`\`${type}\``, when, advice[0].toUpperCase() + advice.slice(1)];
  });
  return markdownTable(['Type', 'When', 'What to do'], rows);
}

function commentOf(node) {
  const [comment] = ts.getJSDocCommentsAndTags(node);
  return ts.getTextOfJSDocComment(comment?.comment)?.replaceAll(/\s+/g, ' ');
}

/** The names in `ERROR_CLASSES`; undefined if the statement declares something else. */
function namesIn({ declarationList: { declarations } }) {
  const list = declarations.find(({ name }) => name.getText() === 'ERROR_CLASSES');
  return list?.initializer.expression.properties.map(({ name }) => name.text);
}
