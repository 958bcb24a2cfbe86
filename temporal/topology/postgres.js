/** A PostgreSQL cluster of its own, from Debian's packages, in a temporary folder. */
import { randomBytes } from 'node:crypto';
import { chown, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../../scripts/chaos/free-port.js';
import { run, start } from './processes.js';

const INSTALLED = '/usr/lib/postgresql';
export const USER = 'temporal';

/** @returns `{port, password, transactions, close}`; `close` ends it and removes its data */
export async function startPostgres(logs) {
  const bin = await postgresBin();
  const identity = await unprivileged();
  // Not below the run's own folder, which other users can't enter.
  const folder = await mkdtemp(join(tmpdir(), 'topology-postgres-'));
  const remove = () => rm(folder, { recursive: true, force: true });
  try {
    if (identity.uid !== undefined) await chown(folder, identity.uid, identity.gid);
    const password = randomBytes(16).toString('hex');
    const passwordFile = join(folder, 'password');
    await writeFile(passwordFile, password, { mode: 0o600 });
    if (identity.uid !== undefined) await chown(passwordFile, identity.uid, identity.gid);
    const data = join(folder, 'data');
    const options = { ...identity, cwd: folder };
    const auth = ['--auth=scram-sha-256', `--pwfile=${passwordFile}`];
    await run(join(bin, 'initdb'), ['-D', data, `--username=${USER}`, ...auth, '--encoding=UTF8'], options);

    const port = await freePort();
    const args = [
      '-D',
      data,
      '-h',
      '127.0.0.1',
      '-p',
      String(port),
      '-k',
      folder,
      '-c',
      'max_connections=200',
    ];
    const server = start(join(bin, 'postgres'), args, join(logs, 'postgres.log'), options);
    const close = async () => {
      await server.kill('SIGINT'); // "fast shutdown"
      await remove();
    };
    try {
      await server.ready(/database system is ready to accept connections/);
    } catch (error) {
      await close();
      throw error;
    }
    /** Transactions since the cluster was made, its own included. */
    const transactions = async () => {
      const query = 'SELECT sum(xact_commit + xact_rollback) FROM pg_stat_database';
      const connection = ['-h', '127.0.0.1', '-p', String(port), '-U', USER, '-d', 'postgres'];
      const env = { ...process.env, PGPASSWORD: password };
      return Number(await run(join(bin, 'psql'), [...connection, '-Atc', query], { env }));
    };
    return { port, password, transactions, close };
  } catch (error) {
    await remove();
    throw error;
  }
}

/** @returns the folder of the newest PostgreSQL's programs @throws Error if there is none */
export async function postgresBin() {
  const versions = await readdir(INSTALLED).catch(() => []);
  const [newest] = versions.sort((a, b) => Number(b) - Number(a));
  if (!newest) throw new Error(`No PostgreSQL in ${INSTALLED}: apt-get install postgresql`);
  return join(INSTALLED, newest, 'bin');
}

/** PostgreSQL refuses to run as root; Debian's package brings a user for it. */
async function unprivileged() {
  if (process.getuid() !== 0) return {};
  const id = async (flag) => Number(await run('id', [flag, 'postgres']));
  return { uid: await id('-u'), gid: await id('-g') };
}
