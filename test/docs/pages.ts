/** The pages of the documentation, and the parts of them that tests look at. */

import { readdirSync, readFileSync } from 'node:fs';

const root = new URL('../../', import.meta.url);

/** Each page's path below the repository's root. */
export const PAGES: readonly string[] = [
  'README.md',
  'CONTRIBUTING.md',
  'SECURITY.md',
  'examples/README.md',
  'temporal/README.md',
  ...readdirSync(new URL('docs/', root))
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
];

export function readPage(path: string): string {
  return readFileSync(new URL(path, root), 'utf8');
}

/** The text of a page from a heading of level two or three to the next one of that level or above. */
export function section(path: string, heading: string): string {
  const lines = readPage(path).split('\n');
  let inCode = false;
  const headings = lines.map((line) => {
    if (line.startsWith('```')) inCode = !inCode;
    return !inCode && /^#+ /.test(line) ? line.indexOf(' ') : 0;
  });
  const start = lines.findIndex((line, at) => headings[at] && line.replace(/^#+ /, '') === heading);
  if (start < 0) throw new Error(`${path} has no heading ${heading}`);
  const level = headings[start] ?? 0;
  const end = headings.findIndex((other, at) => at > start && other > 0 && other <= level);
  return lines.slice(start + 1, end < 0 ? undefined : end).join('\n');
}

/** The rows of the tables below a heading: their cells, without code marks. */
export function tableRows(path: string, heading: string): string[][] {
  return section(path, heading)
    .split('\n')
    .filter((line) => line.startsWith('|') && !/^\|[ :|-]+\|$/.test(line))
    .slice(1)
    .map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.replaceAll('`', '').trim()),
    );
}

export interface CodeBlock {
  readonly page: string;
  readonly language: string;
  readonly text: string;
  /** The name of the file that the paragraph before the block gives, such as `worker.ts`. */
  readonly fileName: string | undefined;
}

/** The fenced code blocks of a page. */
export function codeBlocks(page: string): CodeBlock[] {
  const blocks = readPage(page).matchAll(/(?<=^([^\n]*)\n\n)```(\w+)\n(.*?)^```$/gms);
  return [...blocks].map(([, before = '', language = '', text = '']) => ({
    page,
    language,
    text,
    fileName: /`([\w.-]+\.ts)`/.exec(before.split('\n').at(-1) ?? '')?.[1],
  }));
}

/** The `@example`s of the docstrings in `src`, by their file; each is one fenced block. */
export function docExamples(): CodeBlock[] {
  const sources = readdirSync(new URL('src/', root), { recursive: true, encoding: 'utf8' });
  return sources
    .filter((path) => path.endsWith('.ts'))
    .flatMap((path) => {
      const page = `src/${path}`;
      const comments = [...readPage(page).matchAll(/\/\*\*(.*?)\*\//gs)].map(([, text = '']) =>
        text.replaceAll(/^ *\* ?/gm, ''),
      );
      const examples = comments.flatMap((text) => text.split(/^@example\b/m).slice(1));
      return examples.map((example) => {
        const [, language, text] = /^\s*```(\w+)\n(.*?)^```/ms.exec(example) ?? [];
        if (language === undefined || text === undefined)
          throw new Error(`${page} has an @example that is not a fenced block: ${example}`);
        return { page, language, text, fileName: undefined };
      });
    });
}
