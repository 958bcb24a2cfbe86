/** PostgreSQL, Temporal server, emulator and workers: the topology of docker-compose.yml as processes. */
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Connection } from '@temporalio/client';
import { startEmulator } from '../../scripts/chaos/emulator.js';
import { startPostgres, USER } from './postgres.js';
import { run, start } from './processes.js';
import { serverConfig } from './server-config.js';
import { usageOf } from './usage-of.js';

const script = (name) => fileURLToPath(new URL(`../${name}`, import.meta.url));
const cli = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
const NAMESPACE = 'default';

const packageWorker = (media) => [cli, 'worker', '--allow-root', media, '--json'];

/**
 * @param folder - temporary folder; the files to upload lie in its subfolder `media`
 * @param binaries - `{server, sqlTool, schema, temporalCli}`
 * @param closers - functions are added to it that end what was started, to be called last first
 * @param program - the workers' program and its arguments, given the folder `media`; its first line with `"taskQueue"` says that it is ready
 */
export async function createTopology({ folder, binaries, workers, closers, program = packageWorker }) {
  const [media, logs, bin] = ['media', 'logs', 'bin'].map((name) => join(folder, name));
  for (const each of [media, logs, bin]) await mkdir(each);

  const emulator = await startEmulator();
  closers.push(() => emulator.call('close'));
  const postgres = await startPostgres(logs);
  closers.push(postgres.close);

  // The deployment's own scripts, which find their tools by name.
  await symlink(binaries.sqlTool, join(bin, 'temporal-sql-tool'));
  await symlink(binaries.temporalCli, join(bin, 'temporal'));
  const shell = (name, env) =>
    run('sh', [script(name)], { env: { ...process.env, PATH: `${bin}:${process.env.PATH}`, ...env } });
  const setUpSchema = () =>
    shell('setup-schema.sh', {
      SQL_PLUGIN: 'postgres12',
      SQL_HOST: '127.0.0.1',
      SQL_PORT: String(postgres.port),
      SQL_USER: USER,
      SQL_PASSWORD: postgres.password,
      TEMPORAL_SCHEMA: binaries.schema,
    });
  await setUpSchema();

  const { address, config } = await serverConfig(postgres);
  const configFile = join(folder, 'server.yaml');
  await writeFile(configFile, JSON.stringify(config), { mode: 0o600 }); // JSON is YAML too
  const processes = new Map();
  let closing = false;
  closers.push(() => {
    closing = true;
    return Promise.all([...processes.values()].map((process) => process.kill('SIGKILL')));
  });
  const startServer = () => {
    if (closing) throw new Error('The topology is being closed');
    const args = ['--config-file', configFile, '--allow-no-auth', 'start'];
    processes.set('server', start(binaries.server, args, join(logs, 'server.log'), { cwd: folder }));
  };
  startServer();
  const connection = await connect(address, processes.get('server'));
  await shell('setup-namespace.sh', {
    TEMPORAL_ADDRESS: address,
    TEMPORAL_NAMESPACE: NAMESPACE,
    RETENTION: '168h', // as in docker-compose.yml
  });

  const env = {
    PATH: process.env.PATH,
    HOME: folder,
    TEMPORAL_ADDRESS: address,
    TEMPORAL_NAMESPACE: NAMESPACE,
    GOOGLE_GEMINI_BASE_URL: emulator.url,
    GEMINI_API_KEY: 'topology',
  };
  const names = Array.from({ length: workers }, (_, index) => `worker-${index}`);
  const startWorker = async (name) => {
    if (closing) throw new Error('The topology is being closed');
    const worker = start(process.execPath, program(media), join(logs, `${name}.log`), { cwd: media, env });
    processes.set(name, worker);
    await worker.ready(/"taskQueue"/);
  };
  await Promise.all(names.map(startWorker));

  return {
    /** Left open: calls that are made again and again would break loudly on a closed one as the rest is closed. */
    connection,
    emulator,
    media,
    /** Processor time and peak memory of the server and of each worker. */
    usage: async () => ({
      server: await usageOf(processes.get('server').pid),
      workers: await Promise.all(names.map((name) => usageOf(processes.get(name).pid))),
    }),
    transactions: postgres.transactions,
    /** `kill -9`, and waits until it is dead. */
    kill: (name) => processes.get(name).kill('SIGKILL'),
    restartWorker: startWorker,
    /** As `docker compose up` does it: the schema job first. */
    async restartServer() {
      await setUpSchema();
      startServer();
    },
    /** Names of the processes that are not there. */
    dead: () => [...processes].filter(([, process]) => process.ended()).map(([name]) => name),
  };
}

/** A connection, once the frontend answers. */
async function connect(address, server) {
  for (const deadline = Date.now() + 60_000; ;) {
    try {
      return await Connection.connect({ address, connectTimeout: '1s' });
    } catch (error) {
      if (server.ended() || Date.now() > deadline)
        throw new Error('The Temporal server does not answer', { cause: error });
    }
  }
}
