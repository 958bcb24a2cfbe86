/** The pictures of docs/images are safe to show on a page, and name no folder of the machine that made them. */

import { readdirSync, readFileSync, statSync } from 'node:fs';
import { expect, it } from 'vitest';

const folder = new URL('../../docs/images/', import.meta.url);
const drawings = readdirSync(folder).filter((name) => name.endsWith('.svg'));

it('has drawings', () => expect(drawings).toContain('terminal.svg'));

it.each(readdirSync(folder))('%s is small', (name) => {
  expect(statSync(new URL(name, folder)).size).toBeLessThan(150_000);
});

it.each(drawings)('%s says in words what it shows', (name) => {
  const text = readFileSync(new URL(name, folder), 'utf8');
  const [, label] = /role="img" aria-label="([^"]{40,})"/.exec(text) ?? [];
  expect(text).toContain(`<title>${label}</title>`);
});

it.each(drawings)('%s runs nothing, loads nothing and shows no folder of a machine', (name) => {
  const text = readFileSync(new URL(name, folder), 'utf8');
  expect(text).not.toMatch(/<script|<foreignObject|\son\w+=|href|@import|@font-face|url\(/i);
  const shown = text.replace(/<style>.*<\/style>/s, '').replace(/<[^>]+>/g, '\n');
  expect(shown).not.toMatch(/\/(root|home|Users|tmp|work|var)\//);
});
