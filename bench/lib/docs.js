/** Puts tables into a page of the documentation, each between its two markers. */
import { readFile, writeFile } from 'node:fs/promises';

/**
 * @param page - path below the repository's root
 * @param sections - Markdown by the name of the marker
 * @param tool - the first word of the marker: who writes it
 */
export async function writeDocs(page, sections, tool = 'bench') {
  const file = new URL(`../../${page}`, import.meta.url);
  let text = await readFile(file, 'utf8');
  for (const [name, markdown] of Object.entries(sections)) {
    const [begin, end] = [`<!-- ${tool} ${name} -->`, `<!-- end ${name} -->`];
    const [from, to] = [text.indexOf(begin), text.indexOf(end)];
    if (from < 0 || to < from) throw new Error(`${page} has no place for ${name}`);
    text = `${text.slice(0, from + begin.length)}\n\n${markdown}\n\n${text.slice(to)}`;
  }
  await writeFile(file, text);
}
