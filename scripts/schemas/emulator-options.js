// The table of the emulator's options in docs/emulator.md: the fields of EmulatorOptions in their order, with their comments.
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { markdownTable } from './render-options.js';

const SOURCE = fileURLToPath(new URL('../../src/testing/emulator/options.ts', import.meta.url));

/** @returns the table in Markdown @throws Error for an option without a comment, or without its default */
export async function emulatorOptionsTable() {
  const source = ts.createSourceFile(SOURCE, await readFile(SOURCE, 'utf8'), ts.ScriptTarget.Latest, true);
  const options = source.statements.find(
    (statement) => ts.isInterfaceDeclaration(statement) && statement.name.text === 'EmulatorOptions',
  );
  const rows = options.members.map((member) => {
    const [comment] = ts.getJSDocCommentsAndTags(member);
    const byDefault = ts.getJSDocTags(member).find(({ tagName }) => tagName.text === 'default');
    const name = member.name.getText();
    if (!comment?.comment || !byDefault) throw new Error(`${name} has no comment, or no @default`);
    return [`\`${name}\``, textOf(byDefault), textOf(comment)];
  });
  return markdownTable(['Option', 'Default', 'Meaning'], rows);
}

const textOf = ({ comment }) => ts.getTextOfJSDocComment(comment).replaceAll(/\s+/g, ' ').trim();
