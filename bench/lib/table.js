/** Tables as Markdown, aligned for a terminal. */

/** @param columns - `[title, row => text]`, the first aligned left, the rest right */
export function table(columns, rows) {
  const cells = [columns.map(([title]) => title), ...rows.map((row) => columns.map(([, cell]) => cell(row)))];
  const widths = columns.map((_, index) => Math.max(3, ...cells.map((line) => line[index].length)));
  const line = (texts) =>
    `| ${texts.map((text, index) => (index === 0 ? text.padEnd(widths[index]) : text.padStart(widths[index]))).join(' | ')} |`;
  const rule = `| ${widths.map((width, index) => (index === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`)).join(' | ')} |`;
  const [head, ...body] = cells.map(line);
  return [head, rule, ...body].join('\n');
}

export const seconds = (ms, digits = 2) => (ms / 1000).toFixed(digits);
export const megabytes = (bytes) => Math.round(bytes / 1e6).toString();
export const times = (ratio) => ratio.toFixed(2);
export const raw = (values, show) => values.map((value) => show(value)).join(' ');
