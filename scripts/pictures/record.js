/** A real run of the command line, recorded by asciinema in a home of its own. */
import { execFile } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, readFile, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const root = fileURLToPath(new URL('../../', import.meta.url));
const NAME = 'temporal-gemini-files';
/** Enough bytes that the bars are seen to move. */
const FILES = { 'monday.mp4': 150_000_000, 'tuesday.mp4': 250_000_000, 'wednesday.mp4': 350_000_000 };
const COMMAND = `npx ${NAME} upload ${Object.keys(FILES).join(' ')}`;

/**
 * @param temporalCli - path of the Temporal CLI
 * @returns `{columns, rows, events}`, events as `{atSeconds, data}`
 */
export async function recordUpload(temporalCli, { columns, rows }) {
  const home = await mkdtemp(join(tmpdir(), 'pictures-home-'));
  try {
    const demo = join(home, 'demo');
    await mkdir(join(demo, 'node_modules', '.bin'), { recursive: true });
    await symlink(root, join(demo, 'node_modules', NAME));
    await symlink(`../${NAME}/dist/cli/main.js`, join(demo, 'node_modules', '.bin', NAME));
    for (const [name, bytes] of Object.entries(FILES)) {
      await copyFile(join(root, 'samples', 'sample.mp4'), join(demo, name));
      await truncate(join(demo, name), bytes);
    }
    // The command is shown as it is run.
    await writeFile(join(home, 'demo.sh'), `printf '%s\\n' '$ ${COMMAND}'\n${COMMAND}\n`);

    const cast = join(home, 'demo.cast');
    const size = ['--cols', String(columns), '--rows', String(rows)];
    const args = ['rec', '--quiet', ...size, '--command', 'sh ../demo.sh', cast];
    const env = {
      ...{ PATH: process.env.PATH, HOME: home, TEMPORAL_CLI: temporalCli },
      ...{ TERM: 'xterm-256color', LANG: 'C.UTF-8', TZ: 'UTC' },
      ...{ npm_config_update_notifier: 'false', npm_config_progress: 'false' },
    };
    await promisify(execFile)('asciinema', args, { cwd: demo, env, timeout: 120_000 });
    return parse(await readFile(cast, 'utf8'), home);
  } catch (error) {
    if (error.code === 'ENOENT' && error.syscall?.startsWith('spawn'))
      throw new Error('asciinema is not installed: apt-get install asciinema');
    throw error;
  } finally {
    await rm(home, { recursive: true, force: true });
  }
}

/** Reads an asciicast v2. The one thing that is changed in it is the home's name. */
function parse(text, home) {
  const [header, ...lines] = text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  const events = lines
    .filter(([, kind]) => kind === 'o')
    .map(([atSeconds, , data]) => ({ atSeconds, data: data.replaceAll(home, '~') }));
  return { columns: header.width, rows: header.height, events };
}
