// npm run test:image: builds the worker's image and runs it as docker-compose.yml does, with podman or docker, whichever is present:
// read-only, as user 1000, without capabilities. It has to become healthy, to upload one file, and to contain the native core of its
// own platform only. `--image NAME` takes an image that is built already. Where no registry of images can be reached, make-base.sh makes
// a stand-in for the base image first.
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';
import { parse } from 'yaml';
import { TestWorkflowEnvironment } from '@temporalio/testing';
import { findTemporalCli } from '../../dist/cli/temporal-cli/index.js';
import { GeminiFilesClient } from '../../dist/client/index.js';
import { GeminiFilesEmulator } from '../../dist/testing/index.js';
import { exitNotChecked } from '../release/not-checked.js';

const IMAGE = 'temporal-gemini-files-worker';
const LIMITS = ['--ulimit', 'nofile=1024:1024', '--ulimit', 'nproc=1024:1024'];
const root = fileURLToPath(new URL('../..', import.meta.url));
const { values } = parseArgs({ options: { image: { type: 'string' } } });
const say = (line) => process.stdout.write(`${line}\n`);
const run = async (command, ...args) =>
  (await promisify(execFile)(command, args, { cwd: root, maxBuffer: 64 * 1024 * 1024 })).stdout.trim();
const works = (command, ...args) =>
  run(command, ...args).then(
    () => true,
    () => false,
  );

/** How each engine builds and runs. Podman's default runtime and namespaces need what a container of CI does not have. */
const ENGINES = {
  podman: {
    run: ['podman', '--runtime', 'runc'],
    build: ['buildah', 'bud', '--runtime', 'runc', '--isolation', 'oci', '--network', 'host'],
    pulls: (image) => works('podman', 'pull', '--quiet', image),
    has: (image) => works('podman', 'image', 'exists', image),
    // Of a package of its own, which podman only recommends.
    hasInit: () => works('sh', '-c', 'command -v catatonit || test -x /usr/libexec/podman/catatonit'),
  },
  docker: { run: ['docker'], build: ['docker', 'build', '--network', 'host'], hasInit: () => true },
};

async function findEngine() {
  if (await works('docker', 'info')) return ENGINES.docker;
  if ((await works('podman', '--version')) && (await works('buildah', '--version'))) return ENGINES.podman;
  return exitNotChecked('neither a docker daemon nor podman and buildah is here');
}

async function build(engine) {
  const [command, ...args] = engine.build;
  const dockerfile = await readFile(join(root, 'temporal/Dockerfile'), 'utf8');
  const base = `docker.io/library/${/^FROM (\S+)/m.exec(dockerfile)[1]}`;
  if (engine.has && !(await engine.has(base)) && !(await engine.pulls(base))) {
    say(`${base} cannot be pulled: making a stand-in of Debian and npm's Node.js`);
    await run(join(root, 'scripts/image/make-base.sh'), base);
  }
  const pull = engine === ENGINES.podman ? ['--pull-never', ...LIMITS] : [];
  await run(command, ...args, ...pull, '--file', 'temporal/Dockerfile', '--tag', IMAGE, '.');
  return IMAGE;
}

/** Waits for `check`, for a minute at most. */
async function until(what, check) {
  const end = Date.now() + 60_000;
  while (!(await check())) {
    if (Date.now() > end) throw new Error(`Not within a minute: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 1000));
  }
}

/** The flags and the command of the service `worker` of docker-compose.yml; only its metrics are served on loopback. */
async function asCompose() {
  const compose = parse(await readFile(join(root, 'docker-compose.yml'), 'utf8'), { merge: true });
  const { user, read_only, init, tmpfs, cap_drop, security_opt, command } = compose.services.worker;
  if (!read_only || !init)
    throw new Error('The worker of docker-compose.yml is not read-only, or has no init');
  const hasInit = await engine.hasInit();
  if (!hasInit) say('without --init: catatonit is not installed');
  const flags = [
    ...['--user', user, '--read-only'],
    ...(hasInit ? ['--init'] : []),
    ...tmpfs.flatMap((folder) => ['--tmpfs', folder]),
    ...cap_drop.flatMap((capability) => ['--cap-drop', capability]),
    ...security_opt.flatMap((option) => ['--security-opt', option.replace(/:true$/, '')]),
  ];
  return { flags, args: command.map((word) => word.replace(/^0\.0\.0\.0:\d+$/, '127.0.0.1:0')) };
}

const engine = await findEngine();
const [command, ...how] = engine.run;
const tool = (...args) => run(command, ...how, ...args);
const image = values.image ?? (await build(engine));
const folder = await mkdtemp(join(tmpdir(), 'gemini-files-image-'));
const { path } = await findTemporalCli({ onProgress: say });
const env = await TestWorkflowEnvironment.createLocal({
  server: { executable: { type: 'existing-path', path } },
});
const emulator = await GeminiFilesEmulator.start({ processing: '1s' });
const container = `gemini-files-check-${process.pid}`;
let started = false;
try {
  await writeFile(join(folder, 'clip.mp4'), Buffer.alloc(100_000, 7), { mode: 0o644 });
  await promisify(execFile)('chmod', ['755', folder]);
  const settings = {
    TEMPORAL_ADDRESS: env.address,
    GEMINI_API_KEY: 'any',
    GOOGLE_GEMINI_BASE_URL: emulator.url,
  };
  const { flags, args } = await asCompose();
  await tool(
    'run',
    '--detach',
    ...['--name', container, '--network', 'host', ...LIMITS],
    ...flags,
    ...['--volume', `${folder}:/media:ro`],
    ...Object.entries(settings).flatMap(([name, value]) => ['--env', `${name}=${value}`]),
    ...[image, ...args],
  );
  started = true;
  const inside = (...args) => tool('exec', container, ...args);
  await until('healthy', () =>
    works(command, ...how, 'exec', container, 'node', 'temporal/worker-health.js', 'gemini-files'),
  );
  say('healthy');

  const status = await inside('cat', '/proc/1/status');
  const field = (name) => new RegExp(`^${name}:\\s*(\\S+)`, 'm').exec(status)?.[1];
  const sandbox = {
    Uid: field('Uid'),
    CapEff: field('CapEff'),
    CapBnd: field('CapBnd'),
    NoNewPrivs: field('NoNewPrivs'),
  };
  const none = '0000000000000000';
  const wanted = { Uid: '1000', CapEff: none, CapBnd: none, NoNewPrivs: '1' };
  if (JSON.stringify(sandbox) !== JSON.stringify(wanted))
    throw new Error(`Not locked down: ${JSON.stringify(sandbox)}`);
  if (await works(command, ...how, 'exec', container, 'touch', '/app/written'))
    throw new Error('/app can be written to');
  say('user 1000, no capabilities, no new privileges, read-only');

  const cores = (await inside('ls', 'node_modules/@temporalio/core-bridge/releases')).split('\n');
  const own = (await inside('node', '-p', '`${process.arch}`'))
    .replace('x64', 'x86_64')
    .replace('arm64', 'aarch64');
  if (cores.length !== 1 || !cores[0].startsWith(`${own}-`))
    throw new Error(`Native cores in the image: ${cores.join(', ')}`);
  say(`native core: ${cores[0]} only`);

  const file = await new GeminiFilesClient(env.client).uploadAndWaitActive('/media/clip.mp4');
  say(`uploaded: ${file.id} ${file.state}, ${file.sizeBytes} bytes`);
  const bytes = await tool('image', 'inspect', '--format', '{{.Size}}', image);
  say(`image: ${Math.round(Number(bytes) / 1e6)} MB`);
} catch (error) {
  if (started) process.stderr.write(`${await tool('logs', container).catch(String)}\n`);
  process.stderr.write(`${error.stderr ?? ''}${error.message}\n`);
  process.exitCode = 1;
} finally {
  if (started) await tool('rm', '--force', container);
  await emulator.close();
  await env.teardown();
  await rm(folder, { recursive: true, force: true });
}
