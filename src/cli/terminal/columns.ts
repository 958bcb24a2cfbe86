/** Results as tables: a header, and columns that are aligned. */

import { displayWidth, padTo, plainText } from './text.js';
import { stateColour, type Colour } from './colour.js';

type Cell = string | number | null | undefined;

/** Lines of a table; no lines without rows. Cells are text of anybody, so control characters are replaced. */
export function columns(
  header: readonly string[],
  rows: readonly (readonly Cell[])[],
  colour: Colour = (text) => text,
): string[] {
  if (rows.length === 0) return [];
  const cells = [header, ...rows].map((row) => row.map((cell) => plainText(String(cell ?? '')) || '-'));
  const widths = header.map((_, at) => Math.max(...cells.map((row) => displayWidth(row[at] ?? ''))));
  return cells.map((row, line) =>
    row
      .map((cell, at) => {
        const text = at === row.length - 1 ? cell : padTo(cell, widths[at] ?? 0);
        return line === 0 ? colour(text, 'bold') : stateColour(cell, text, colour);
      })
      .join('  '),
  );
}
