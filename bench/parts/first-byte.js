/** From `npx temporal-gemini-files upload` to the first byte of the file: nothing runs yet, everything is installed. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findTemporalCli } from '../../dist/cli/temporal-cli/index.js';
import { withChild } from '../lib/child.js';
import { withFolder } from '../lib/files.js';
import { say } from '../lib/progress.js';
import { median } from '../lib/stats.js';
import { raw, table } from '../lib/table.js';

const path = (relative) => fileURLToPath(new URL(`../../${relative}`, import.meta.url));
const TOOL = 'temporal-gemini-files';

/** @returns of each round the milliseconds of each stage, and `total` */
export async function firstByte(rounds) {
  const { path: temporal } = await findTemporalCli({ onProgress: say });
  return withFolder((folder, makeFile) =>
    withChild('provider', {}, async (provider) => {
      await mkdir(join(folder, 'node_modules/.bin'), { recursive: true });
      await symlink(path('dist/cli/main.js'), join(folder, 'node_modules/.bin', TOOL));
      await writeFile(join(folder, 'package.json'), '{}');
      await makeFile('small.mp4', 1024);
      // The first run creates the server's database. It counts if it is the only one.
      const taken = [];
      for (let round = rounds > 1 ? 0 : 1; round <= rounds; round += 1)
        taken.push(await uploadOnce(folder, provider, temporal));
      return taken.slice(-rounds);
    }),
  );
}

async function uploadOnce(folder, provider, temporal) {
  const trace = join(folder, 'trace');
  await rm(trace, { force: true });
  await provider.call('books');
  const began = Date.now();
  const child = spawn('npx', ['--no-install', TOOL, 'upload', 'small.mp4'], {
    cwd: folder,
    stdio: 'ignore',
    env: {
      ...process.env,
      NODE_OPTIONS: `--import ${new URL('../programs/trace.js', import.meta.url).href}`,
      BENCH_TRACE: trace,
      TEMPORAL_CLI: temporal,
      XDG_STATE_HOME: join(folder, 'state'),
      GEMINI_API_KEY: 'bench',
      GOOGLE_GEMINI_BASE_URL: provider.url,
    },
  });
  const [code] = await once(child, 'exit');
  if (code !== 0) throw new Error(`${TOOL} upload ended with ${code}`);
  const { firstRequestAt, firstDataAt } = await provider.call('books');
  const marks = (await readFile(trace, 'utf8'))
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  const at = (prefix) => marks.filter(({ what }) => what.startsWith(prefix)).map((mark) => mark.at);
  // The first connection that succeeds is to the dev server.
  const times = [began, at('node')[0], at('spawn')[0], at('connected')[0], firstRequestAt, firstDataAt];
  return { stages: times.slice(1).map((time, index) => time - times[index]), total: firstDataAt - began };
}

const STAGES = [
  'npx, until Node runs the tool',
  'Node loads the modules',
  "Temporal's dev server starts and listens",
  'connections, worker (with the bundle of the build), run, upload activity: first request',
  'answer to it: first byte of the file',
];

export function firstByteTable(taken) {
  const whole = (ms) => Math.round(ms).toString();
  const rows = [
    ...STAGES.map((stage, index) => [stage, taken.map(({ stages }) => stages[index])]),
    ['all of it', taken.map(({ total }) => total)],
  ];
  return table(
    [
      ['`npx temporal-gemini-files upload` to the first byte', ([name]) => name],
      ['ms', ([, list]) => whole(median(list))],
      ['raw, ms', ([, list]) => raw(list, whole)],
    ],
    rows,
  );
}
