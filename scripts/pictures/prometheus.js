/** The Grafana dashboard's panels, drawn by Debian's Prometheus from the metrics of a real worker. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, truncate, copyFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '../chaos/free-port.js';
import { openPage } from './browser.js';
import { quantize } from './quantize.js';
import { withWorld } from './world.js';

const DASHBOARD = new URL('../../temporal/grafana/dashboards/gemini-files.json', import.meta.url);
/** Those that say most, by their titles; each becomes one graph of the page, of the panel's first query. */
const PANELS = [
  'Uploads that ended, a minute',
  'Throughput',
  'Time to ACTIVE',
  'Errors of the provider, a minute',
];
/** The page without what only works by hand. */
const STYLE = `
  nav, .query-history, .eval_stats, .form-inline, .nav-tabs, .prometheus_input_group, .remove_graph,
  .text-right, #add_graph { display: none !important }
  textarea { resize: none !important; border: 0 !important; box-shadow: none !important }
  body { padding-top: 0 !important }
  .graph_wrapper { margin-bottom: 0 !important }
`;
const SCRAPE_SECONDS = 1;
/** How long uploads run before the picture is taken. */
const LOAD_MS = 60_000;

/** Larger files take longer, as at the provider. */
const processing = ({ sizeBytes }) => ({ after: sizeBytes / 10_000 });

export function screenshotPrometheus(cli) {
  return withWorld(cli, { emulator: { processing } }, async (world) => {
    const url = await startPrometheus(world.metrics, world.closers);
    await uploadForAWhile(world);
    const page = await openPage(world.closers);
    await page.setViewportSize({ width: 900, height: 400 });
    await page.addInitScript((style) => {
      addEventListener('DOMContentLoaded', () =>
        document.head.append(Object.assign(document.createElement('style'), { textContent: style })),
      );
    }, STYLE);
    await page.goto(`${url}/classic/graph?${await query()}`);
    const graphs = page.locator('.rickshaw_graph svg');
    await page.waitForFunction(
      (wanted) => document.querySelectorAll('.rickshaw_graph svg').length === wanted,
      PANELS.length,
    );
    await graphs.last().waitFor();
    await page.evaluate(() => document.activeElement.blur());
    return quantize(await page.screenshot({ fullPage: true }));
  });
}

/** The page's query: a graph for each panel, with Grafana's variables replaced. */
async function query() {
  const { panels } = JSON.parse(await readFile(DASHBOARD, 'utf8'));
  const parameters = PANELS.map((title, index) => {
    const panel = panels.find((one) => one.title === title);
    if (panel === undefined) throw new Error(`The dashboard has no panel ${title}`);
    const expression = panel.targets[0].expr
      .replaceAll('$__rate_interval', '20s')
      .replaceAll('{taskQueue=~"$queue"}', '');
    return { [`g${index}.expr`]: expression, [`g${index}.tab`]: '0', [`g${index}.range_input`]: '75s' };
  });
  return new URLSearchParams(Object.assign({}, ...parameters));
}

/** Uploads of several sizes, with a fault now and then, so that each graph has something to show. */
async function uploadForAWhile({ gemini, emulator, media, closers }) {
  const uploads = [];
  closers.push(() => Promise.allSettled(uploads));
  const end = Date.now() + LOAD_MS;
  for (let turn = 0; Date.now() < end; turn++) {
    const name = `clip-${turn}.mp4`;
    await copyFile(join(media, 'clip.mp4'), join(media, name));
    await truncate(join(media, name), (1 + (turn % 5)) * 10_000_000);
    if (turn % 6 === 3) emulator.addFaults({ on: 'get', do: 'respond', status: 503 });
    if (turn % 8 === 5) emulator.addFaults({ on: 'upload', do: 'respond', status: 500 });
    const upload = gemini.uploadAndWaitActive(name, turn % 7 === 6 ? { timeout: '2s' } : {});
    upload.catch(() => undefined);
    uploads.push(upload);
    await sleep(1500);
  }
}

async function startPrometheus(target, closers) {
  const folder = await mkdtemp(join(tmpdir(), 'pictures-prometheus-'));
  closers.push(() => rm(folder, { recursive: true, force: true }));
  const config = {
    global: { scrape_interval: `${SCRAPE_SECONDS}s` },
    scrape_configs: [{ job_name: 'worker', static_configs: [{ targets: [target] }] }],
  };
  // YAML contains JSON.
  await writeFile(join(folder, 'prometheus.yml'), JSON.stringify(config));
  const address = `127.0.0.1:${await freePort()}`;
  const server = spawn(
    'prometheus',
    [
      `--config.file=${folder}/prometheus.yml`,
      `--storage.tsdb.path=${folder}`,
      `--web.listen-address=${address}`,
    ],
    { stdio: 'ignore' },
  );
  const ended = once(server, 'exit');
  closers.push(async () => {
    server.kill('SIGTERM');
    await ended;
  });
  for (const deadline = Date.now() + 30_000; ; await sleep(200)) {
    try {
      if ((await fetch(`http://${address}/-/ready`)).ok) return `http://${address}`;
    } catch (error) {
      if (server.exitCode !== null || Date.now() > deadline) throw error;
    }
  }
}
