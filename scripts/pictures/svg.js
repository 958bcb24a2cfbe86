/** Screens of a terminal as one animated SVG: no scripts, no fonts of its own, legible on light and dark pages. */

const CELL = { width: 8.4, height: 19 };
const PADDING = 16;
const HOLD_SECONDS = 8;
const COLORS = [
  ...['#484f58', '#ff7b72', '#3fb950', '#d29922', '#58a6ff', '#bc8cff', '#39c5cf', '#b1bac4'],
  ...['#6e7681', '#ffa198', '#56d364', '#e3b341', '#79c0ff', '#d2a8ff', '#56d4dd', '#ffffff'],
];

/** @param title - for those who can't see it */
export function svgOf(screens, { columns, title }) {
  const rows = Math.max(...screens.map(({ lines }) => lines.findLastIndex((line) => line.length > 0))) + 1;
  const total = screens.at(-1).atSeconds + HOLD_SECONDS;
  const [width, height] = [
    Math.ceil(columns * CELL.width + 2 * PADDING),
    Math.ceil(rows * CELL.height + 2 * PADDING),
  ];
  const percent = (seconds) => `${Number(((100 * seconds) / total).toFixed(2))}%`;
  const rules = [];
  const texts = [];
  for (let row = 0; row < rows; row++) {
    for (const { line, from, to } of stays(screens, row)) {
      const name = `a${rules.length}`;
      const hide = to === undefined ? '' : `${percent(to)}{visibility:hidden}`;
      rules.push(`@keyframes ${name}{0%{visibility:hidden}${percent(from)}{visibility:visible}${hide}}`);
      const end = to === undefined ? ' class="end"' : '';
      texts.push(`<g${end} style="animation-name:${name}">${textOf(line, row)}</g>`);
    }
  }
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="${escape(title)}">
<title>${escape(title)}</title>
<style>
text{font:14px ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace;fill:#e6edf3;white-space:pre}
.b{font-weight:bold}
g{visibility:hidden;animation:${total.toFixed(2)}s step-end infinite}
.end{visibility:visible}
@media (prefers-reduced-motion:reduce){g{animation:none}}
${rules.join('\n')}
</style>
<rect width="100%" height="100%" rx="8" fill="#0d1117" stroke="#30363d"/>
${texts.join('\n')}
</svg>
`;
}

/** What a row shows, and from when to when (undefined: to the end). */
function stays(screens, row) {
  const found = [];
  let before = '[]';
  for (const { atSeconds, lines } of screens) {
    const now = JSON.stringify(lines[row]);
    if (now === before) continue;
    const last = found.at(-1);
    if (last && before !== '[]') last.to = atSeconds;
    if (now !== '[]') found.push({ line: lines[row], from: atSeconds });
    before = now;
  }
  return found;
}

function textOf(line, row) {
  let column = 0;
  const y = (PADDING + (row + 0.72) * CELL.height).toFixed(1);
  return line
    .map(({ text, bold, color }) => {
      const x = (PADDING + column * CELL.width).toFixed(1);
      column += text.length;
      // Whatever monospace font there is, the columns stay.
      const fit = `textLength="${(text.length * CELL.width).toFixed(1)}" lengthAdjust="spacingAndGlyphs"`;
      const look = `${bold ? ' class="b"' : ''}${color === undefined ? '' : ` style="fill:${COLORS[color] ?? '#e6edf3'}"`}`;
      return `<text x="${x}" y="${y}" ${fit}${look}>${escape(text)}</text>`;
    })
    .join('');
}

function escape(text) {
  const entities = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
  return text.replace(/[&<>"]/g, (character) => entities[character]);
}
