/** What a terminal shows over the time of a recording. */
import xterm from '@xterm/headless';

/** Changes that are closer together are one. */
const MERGE_SECONDS = 0.05;
/** Nobody waits longer than this in a picture. */
const LONGEST_PAUSE_SECONDS = 1;

/**
 * @returns screens in order, as `{atSeconds, lines}`; a line is an array of `{text, bold, color}`, color a number of the
 *   16 or undefined
 */
export async function screensOf({ columns, rows, events }) {
  const terminal = new xterm.Terminal({ cols: columns, rows, allowProposedApi: true });
  const screens = [];
  let last = 0;
  let shown = 0;
  for (const [index, { atSeconds, data }] of events.entries()) {
    await new Promise((written) => terminal.write(data, written));
    shown += Math.min(atSeconds - last, LONGEST_PAUSE_SECONDS);
    last = atSeconds;
    const next = events[index + 1];
    if (next && next.atSeconds - atSeconds < MERGE_SECONDS) continue;
    screens.push({ atSeconds: shown, lines: linesOf(terminal.buffer.active, rows) });
  }
  terminal.dispose();
  return screens;
}

function linesOf(buffer, rows) {
  if (buffer.baseY > 0) throw new Error(`The recording does not fit on ${rows} rows`);
  return Array.from({ length: rows }, (_, row) => spans(buffer.getLine(row)));
}

/** Cells of one look are one span; blanks at the end are none. */
function spans(line) {
  const found = [];
  const width = line.translateToString(true).length;
  for (let column = 0; column < width; column++) {
    const cell = line.getCell(column);
    const look = { bold: cell.isBold() !== 0, color: cell.isFgPalette() ? cell.getFgColor() : undefined };
    const span = found.at(-1);
    const text = cell.getChars() || ' ';
    if (span && span.bold === look.bold && span.color === look.color) span.text += text;
    else found.push({ text, ...look });
  }
  return found;
}
