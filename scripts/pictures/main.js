// npm run pictures [terminal] [web-ui]
// Makes the README's pictures in docs/images from real runs. Needs Debian's asciinema, chromium and pngquant.
import { mkdir, writeFile } from 'node:fs/promises';
import { findTemporalCli } from '../../dist/cli/temporal-cli/index.js';
import { recordUpload } from './record.js';
import { screensOf } from './screens.js';
import { svgOf } from './svg.js';
import { screenshotRun } from './web-ui.js';

const images = new URL('../../docs/images/', import.meta.url);
const TITLE =
  'A terminal: npx temporal-gemini-files upload, from the progress bar to the ACTIVE file and its link';

const pictures = {
  async terminal(cli) {
    const recording = await recordUpload(cli, { columns: 108, rows: 30 });
    const svg = svgOf(await screensOf(recording), { ...recording, title: TITLE });
    await writeFile(new URL('terminal.svg', images), svg);
  },
  async 'web-ui'(cli) {
    const { timeline, details } = await screenshotRun(cli);
    await writeFile(new URL('web-ui-timeline.png', images), timeline);
    await writeFile(new URL('web-ui-details.png', images), details);
  },
};

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
