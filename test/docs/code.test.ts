/** The TypeScript of the documentation compiles as it is, as users paste it; that of docstrings, with a few names declared. */

import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { beforeAll, describe, expect, it } from 'vitest';
import { codeBlocks, docExamples, PAGES, type CodeBlock } from './pages.js';

const root = fileURLToPath(new URL('../../', import.meta.url));
const folder = join(root, '.cache/docs');

/** Blocks that are not compiled, by their page and a text in them, with the reason. */
const NOT_COMPILED: readonly { readonly page: string; readonly contains: string; readonly why: string }[] = [
  {
    page: 'docs/observability.md',
    contains: 'OTLPTraceExporter',
    why: 'npm run test:consumer compiles it with the packages that it needs',
  },
  {
    page: 'docs/getting-started.md',
    contains: 'require.resolve',
    why: 'CommonJS; imports a file of the README',
  },
];

interface Compiled extends CodeBlock {
  readonly file: string;
}

/** What an `@example` may use without saying where it comes from. */
const PRELUDE = `
import type { Client } from '@temporalio/client';
import type { ActiveFile, GeminiFilesClient } from 'temporal-gemini-files';
declare global {
  const client: Client;
  const gemini: GeminiFilesClient;
  const questions: readonly string[];
  function ask(question: string, file: ActiveFile): Promise<string>;
  function signedUrlOf(key: string): Promise<string>;
}
`;
const prelude = join(folder, 'prelude.ts');

const blocks = [...PAGES.flatMap(codeBlocks), ...docExamples()].filter(({ language }) => language === 'ts');
const notCompiled = blocks.filter((block) => exceptionOf(block));
const compiled: readonly Compiled[] = blocks
  .filter((block) => !exceptionOf(block))
  .map((block, index) => ({
    ...block,
    // Blocks of one page that have file names are a program: they import each other.
    file: join(folder, block.page.replaceAll(/\W/g, '-'), block.fileName ?? `block-${index}.ts`),
  }));

function exceptionOf({ page, text }: CodeBlock) {
  return NOT_COMPILED.find((exception) => exception.page === page && text.includes(exception.contains));
}

it('is TypeScript in each example of a docstring, or a shell block, which shell.test.ts runs', () => {
  expect(docExamples().filter(({ language }) => language !== 'ts' && language !== 'sh')).toEqual([]);
});

describe('the code in the documentation', () => {
  const problems = new Map<string, string[]>();

  beforeAll(() => {
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
    writeFileSync(prelude, PRELUDE);
    for (const { file, text } of compiled) {
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, text);
    }
    for (const diagnostic of diagnosticsOf(compiled.map(({ file }) => file))) {
      const file = diagnostic.file?.fileName ?? '';
      const text = ts.flattenDiagnosticMessageText(diagnostic.messageText, '\n');
      problems.set(file, [...(problems.get(file) ?? []), text]);
    }
  });

  it.each(compiled.map((block) => [`${block.page}: ${block.text.trim().split('\n')[0]}`, block] as const))(
    '%s',
    (_name, { file }) => expect(problems.get(file) ?? []).toEqual([]),
  );

  it('lists as exceptions only blocks that exist', () => {
    expect(notCompiled).toHaveLength(NOT_COMPILED.length);
  });
});

function diagnosticsOf(files: readonly string[]): readonly ts.Diagnostic[] {
  const { config } = ts.readConfigFile(join(root, 'tsconfig.json'), (file) => ts.sys.readFile(file)) as {
    config: { compilerOptions: object };
  };
  const { options } = ts.convertCompilerOptionsFromJson(config.compilerOptions, root);
  // `tsc --init` sets `isolatedModules` and `verbatimModuleSyntax` too; a test file is a script unless it imports something.
  const program = ts.createProgram([prelude, ...files], {
    ...options,
    moduleDetection: ts.ModuleDetectionKind.Force,
  });
  return files.flatMap((file) => {
    const source = program.getSourceFile(file);
    return [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)];
  });
}
