/** The code names facts about the provider by their ids; docs/provider-facts.md has one entry for each. */

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../', import.meta.url));
const page = readFileSync(join(root, 'docs/provider-facts.md'), 'utf8');
const entries = page
  .split(/\n(?=##)/)
  .filter((section) => section.startsWith('### '))
  .map((section) => ({ id: section.slice(4).split('\n', 1)[0] ?? '', text: section.trimEnd() }));

function filesBelow(folder: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.(ts|md)$/.test(name))
    .map((name) => join(folder, name));
}

/** The ids that a text names, also as the fragment of a link. */
function idsIn(text: string): string[] {
  const named = [...text.matchAll(/\bF-[A-Z]+(?:-[A-Z]+)*/g)].map(([id]) => id);
  const linked = [...text.matchAll(/provider-facts\.md#([\w-]+)/g)].map(([, id = '']) => id.toUpperCase());
  return [...named, ...linked];
}

describe('docs/provider-facts.md', () => {
  it('has each fact that the code and the documentation name', () => {
    const known = new Set(entries.map(({ id }) => id));
    const named = [...filesBelow('src'), ...filesBelow('docs'), 'README.md', 'CONTRIBUTING.md'].flatMap(
      (file) => idsIn(readFileSync(join(root, file), 'utf8')).map((id) => ({ file, id })),
    );
    expect(named.length).toBeGreaterThan(100);
    expect(named.filter(({ id }) => !known.has(id))).toEqual([]);
  });

  it('has no id twice', () => {
    const ids = entries.map(({ id }) => id);
    expect(ids.filter((id, index) => ids.indexOf(id) !== index)).toEqual([]);
  });

  it('names the source and the confidence of each fact', () => {
    const complete = /\n\nSource: .+\. Confidence: (high|medium|low|assumed)\.$/;
    expect(entries.filter(({ text }) => !complete.test(text))).toEqual([]);
  });

  it('calls nothing more than assumed that is only our own conclusion', () => {
    const concluded = entries.filter(({ text }) => /\nSource: assumption( \([^)]*\))?\. /.test(text));
    expect(concluded.length).toBeGreaterThan(0);
    expect(concluded.filter(({ text }) => !text.endsWith('Confidence: assumed.'))).toEqual([]);
  });
});
