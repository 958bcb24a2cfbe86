/** Puts the tables into docs/performance.md, each part's between its two markers. */
import { readFile, writeFile } from 'node:fs/promises';

const page = new URL('../../docs/performance.md', import.meta.url);

/** @param sections - Markdown by the name of the marker */
export async function writeDocs(sections) {
  let text = await readFile(page, 'utf8');
  for (const [name, markdown] of Object.entries(sections)) {
    const [begin, end] = [`<!-- bench ${name} -->`, `<!-- end ${name} -->`];
    const [from, to] = [text.indexOf(begin), text.indexOf(end)];
    if (from < 0 || to < from) throw new Error(`docs/performance.md has no place for ${name}`);
    text = `${text.slice(0, from + begin.length)}\n\n${markdown}\n\n${text.slice(to)}`;
  }
  await writeFile(page, text);
}
