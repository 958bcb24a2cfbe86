// npm run pictures [-- terminal web-ui hold prometheus]
// Makes the pictures in docs/images from real runs. Needs Debian's asciinema, chromium-headless-shell, pngquant and prometheus.
import { mkdir, writeFile } from 'node:fs/promises';
import { findTemporalCli } from '../../dist/cli/temporal-cli/index.js';
import { screenshotPrometheus } from './prometheus.js';
import { recordUpload } from './record.js';
import { screensOf } from './screens.js';
import { svgOf } from './svg.js';
import { screenshotHold, screenshotWait } from './web-ui.js';

const images = new URL('../../docs/images/', import.meta.url);
const TITLE =
  'A terminal: npx temporal-gemini-files upload with three files, from a progress bar for each to the table of ACTIVE files';

const pictures = {
  async terminal(cli) {
    const recording = await recordUpload(cli, { columns: 108, rows: 30 });
    const svg = svgOf(await screensOf(recording), { ...recording, title: TITLE });
    await writeFile(new URL('terminal.svg', images), svg);
  },
  async 'web-ui'(cli) {
    await save('web-ui', await screenshotWait(cli));
  },
  async hold(cli) {
    await save('web-ui-hold', await screenshotHold(cli));
  },
  async prometheus(cli) {
    await writeFile(new URL('prometheus.png', images), await screenshotPrometheus(cli));
  },
};

async function save(prefix, { timeline, details }) {
  await writeFile(new URL(`${prefix}-timeline.png`, images), timeline);
  await writeFile(new URL(`${prefix}-details.png`, images), details);
}

const wanted = process.argv.length > 2 ? process.argv.slice(2) : Object.keys(pictures);
const { path: cli } = await findTemporalCli({ onProgress: (line) => process.stderr.write(`${line}\n`) });
await mkdir(images, { recursive: true });
for (const name of wanted) {
  if (!pictures[name])
    throw new Error(`No picture ${name}; there are ${Object.keys(pictures).join(' and ')}`);
  await pictures[name](cli);
  process.stdout.write(`docs/images: ${name}\n`);
}
process.exit();
