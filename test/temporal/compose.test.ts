// The deployment's files hold together: what docker-compose.yml names exists, is pinned, is checked and is locked down.
// No container engine is needed, so nothing here runs a container.
import { spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { loadClientConfigProfile, loadClientConnectConfig } from '@temporalio/envconfig';
import { parse } from 'yaml';
import { describe, expect, it } from 'vitest';
import { TASK_QUEUE } from '../../src/contract/names.js';

const root = path.resolve(import.meta.dirname, '../..');
const read = (file: string) => readFileSync(path.join(root, file), 'utf8');

interface Service {
  image?: string;
  build?: { context: string; dockerfile: string };
  command?: string[];
  entrypoint?: string[];
  profiles?: string[];
  deploy?: { replicas: number };
  environment?: Record<string, string | null>;
  ports?: string[];
  volumes?: string[];
  networks?: string[];
  healthcheck?: { test: string[] };
  depends_on?: Record<string, { condition: string }>;
  restart?: string;
  user?: string;
  read_only?: boolean;
  cap_drop?: string[];
  security_opt?: string[];
  container_name?: string;
}

const source = read('docker-compose.yml');
const compose = parse(source, { merge: true }) as {
  services: Record<string, Service>;
  volumes: Record<string, unknown>;
};
const services = Object.entries(compose.services);
const named = (name: string): Service => {
  const service = compose.services[name];
  if (service === undefined) throw new Error(`docker-compose.yml has no service ${name}`);
  return service;
};
const worker = named('worker');
const dockerfile = read('temporal/Dockerfile');

/** Compose variables: `${NAME}`, `${NAME:-default}`, `${NAME:?message}`. */
const variables = [...source.matchAll(/\$\{(\w+)(?:(:?[-?])([^}]*))?\}/g)].map(
  ([, name, operator, rest]) => ({
    name: name ?? '',
    operator,
    rest: rest ?? '',
  }),
);
const withDefaults = (text: string) => text.replace(/\$\{\w+:-([^}]*)\}/g, '$1');

const exactTag = /:v?\d+\.\d+(\.\d+)?(-[\w.]+)?$/;

describe('docker-compose.yml', () => {
  it.each(services)('%s: built here, or an image pinned to an exact version', (_name, { image, build }) => {
    if (build !== undefined) expect(image).toBeUndefined();
    else expect(image).toMatch(exactTag);
  });

  it('takes the server and its admin tools in one version, since the tools carry the schema', () => {
    const version = (name: string) => named(name).image?.split(':')[1];
    expect(version('temporal-schema')).toBe(version('temporal'));
    expect(version('temporal-namespace')).toBe(version('temporal'));
  });

  it.each(services)(
    '%s: is health-checked, or a job that others wait for',
    (name, { healthcheck, restart }) => {
      const conditions = services.flatMap(([, { depends_on }]) => depends_on?.[name]?.condition ?? []);
      if (restart === 'unless-stopped') {
        expect(healthcheck?.test[0]).toBe('CMD');
        expect(conditions.filter((condition) => condition !== 'service_healthy')).toEqual([]);
      } else {
        expect(conditions).toContain('service_completed_successfully');
      }
    },
  );

  it.each(services)('%s: listens on 127.0.0.1 of the host only', (_name, { ports = [] }) => {
    for (const port of ports) expect(withDefaults(port)).toMatch(/^127\.0\.0\.1:\d+:\d+$/);
  });

  it.each(services)('%s: gains no privileges', (_name, { security_opt }) => {
    expect(security_opt).toContain('no-new-privileges:true');
  });

  it.each(services)('%s: what it mounts and builds from exists', (_name, { volumes = [], build }) => {
    if (build !== undefined) expect(existsSync(path.join(root, build.context, build.dockerfile))).toBe(true);
    for (const volume of volumes) {
      const from = withDefaults(volume).split(':')[0] ?? '';
      if (from.startsWith('.')) expect(existsSync(path.join(root, from)), from).toBe(true);
      else expect(compose.volumes).toHaveProperty(from);
    }
  });

  it.each(services)('%s: mounts what is in the repository read-only', (_name, { volumes = [] }) => {
    for (const volume of volumes.map(withDefaults))
      if (volume.startsWith('.')) expect(volume).toMatch(/:ro$/);
  });

  it('keeps secrets out of the file: a required variable with a hint, and no other way', () => {
    const secrets = services.flatMap(([service, { environment = {} }]) =>
      Object.entries(environment)
        .filter(([name]) => /PASSWORD|PWD|API_KEY/.test(name))
        .map(([name, value]) => [`${service} ${name}`, value ?? ''] as const),
    );
    expect(secrets.length).toBeGreaterThan(4);
    // Compose asks for required variables of services that a profile leaves out too: Grafana asks for its own when it starts.
    const optional = ['grafana GF_SECURITY_ADMIN_PASSWORD'];
    expect(secrets.filter(([, value]) => !/^\$\{\w+:\?.+\}$/.test(value)).map(([name]) => name)).toEqual(
      optional,
    );
    expect(secrets).toContainEqual([optional[0], '${GRAFANA_PASSWORD:-}']);
  });

  it('has each of its variables in .env.example: the required ones to fill in, the rest with their defaults', () => {
    const example = read('.env.example');
    expect(variables.length).toBeGreaterThan(0);
    for (const { name, operator, rest } of variables) {
      if (operator === ':-') expect(example).toContain(`#${name}=${rest}\n`);
      else expect(example).toMatch(new RegExp(`^${name}=$`, 'm'));
    }
  });

  it('offers each variable that is handed on to the worker in .env.example', () => {
    const handedOn = Object.entries(worker.environment ?? {}).filter(([, value]) => value === null);
    for (const [name] of handedOn) expect(read('.env.example')).toMatch(new RegExp(`^#${name}=`, 'm'));
  });
});

describe('the worker', () => {
  it('can be scaled: no fixed name and no host port', () => {
    expect(worker.container_name).toBeUndefined();
    expect(worker.ports).toBeUndefined();
  });

  it('runs as an ordinary user on a read-only root file system, in compose and in the image', () => {
    expect(worker).toMatchObject({ user: '1000:1000', read_only: true, cap_drop: ['ALL'] });
    expect(dockerfile.match(/^USER .*$/gm)).toEqual(['USER 1000:1000']);
  });

  it('reads only the media folder and cannot reach the database', () => {
    expect(worker.command?.slice(0, 3)).toEqual(['worker', '--allow-root', '/media']);
    expect(worker.volumes?.map(withDefaults)).toEqual(['./samples:/media:ro']);
    expect(worker.networks ?? ['default']).not.toContain('database');
  });

  it('is checked on the task queue that it polls', () => {
    expect(worker.healthcheck?.test).toEqual(['CMD', 'node', 'temporal/worker-health.js', TASK_QUEUE]);
  });
});

describe('the profile observability', () => {
  const observability = ['prometheus', 'grafana'];

  it.each(observability)(
    '%s: an ordinary user on a read-only root file system, away from the database',
    (name) => {
      const service = named(name);
      expect(service).toMatchObject({ read_only: true, cap_drop: ['ALL'] });
      expect(service.user).toMatch(/^[1-9]\d*:\d+$/);
      expect(service.networks ?? ['default']).toEqual(['default']);
    },
  );

  it('mounts the dashboards in the folder that Grafana reads, and starts it only with a password', () => {
    const { volumes = [], entrypoint = [] } = named('grafana');
    const { providers } = parse(read('temporal/grafana/provisioning/dashboards/dashboards.yml')) as {
      providers: { options: { path: string } }[];
    };
    for (const { options } of providers)
      expect(volumes).toContain(`./temporal/grafana/dashboards:${options.path}:ro`);
    // Compose replaces `$$` by `$`. Without a password, Grafana does not start.
    const [shell = '', ...args] = entrypoint.map((arg) => arg.replaceAll('$$', '$'));
    const run = (password: string) =>
      spawnSync(
        shell,
        args.map((arg) => arg.replace('/run.sh', 'echo started')),
        {
          env: { PATH: process.env.PATH, GF_SECURITY_ADMIN_PASSWORD: password },
          encoding: 'utf8',
        },
      );
    expect(run('')).toMatchObject({
      status: 1,
      stdout: '',
      stderr: expect.stringContaining('GRAFANA_PASSWORD') as string,
    });
    expect(run('secret')).toMatchObject({ status: 0, stdout: 'started\n' });
  });
});

describe('temporal/Dockerfile', () => {
  it('copies only what exists and what .dockerignore lets through', () => {
    const allowed = read('.dockerignore')
      .split('\n')
      .filter((line) => line.startsWith('!'))
      .map((line) => line.slice(1));
    const copied = [...dockerfile.matchAll(/^COPY (?!--from)(.+) \S+$/gm)].flatMap(
      ([, sources]) => sources?.split(' ') ?? [],
    );
    expect(copied.length).toBeGreaterThan(0);
    for (const file of copied) expect(existsSync(path.join(root, file)), file).toBe(true);
    expect([...copied].sort()).toEqual([...allowed].sort());
  });

  const runs = dockerfile.replaceAll(/\\\n\s*/g, '').match(/(?<=^RUN ).*$/gm) ?? [];

  it('keeps what the worker runs on, and nothing else, by its own commands and the npm that is here', () => {
    const pruning = runs.filter((run) => run.includes('npm prune'));
    expect(pruning).toHaveLength(1);
    const app = mkdtempSync(path.join(tmpdir(), 'gemini-files-image-'));
    try {
      for (const file of ['.npmrc', 'package.json', 'package-lock.json', 'scripts/image-manifest.js'])
        cpSync(path.join(root, file), path.join(app, file));
      // npm goes by the manifests, which are copied in a second.
      cpSync(path.join(root, 'node_modules'), path.join(app, 'node_modules'), {
        recursive: true,
        filter: (from) => statSync(from).isDirectory() || /[/\\]\.?package(-lock)?\.json$/.test(from),
      });
      const releases = path.join(app, 'node_modules/@temporalio/core-bridge/releases');
      for (const target of ['x86_64-unknown-linux-gnu', 'aarch64-unknown-linux-gnu', 'aarch64-apple-darwin'])
        mkdirSync(path.join(releases, target), { recursive: true });

      const env = { ...process.env, npm_config_offline: 'true' };
      const pruned = spawnSync('sh', ['-c', pruning[0] ?? ''], { cwd: app, env, encoding: 'utf8' });
      expect(pruned).toMatchObject({ status: 0 });

      const has = (name: string) => existsSync(path.join(app, 'node_modules', name, 'package.json'));
      const { dependencies, devDependencies, peerDependencies } = JSON.parse(read('package.json')) as Record<
        string,
        Record<string, string>
      >;
      const needed = Object.keys({ ...dependencies, ...peerDependencies });
      expect(needed).toContain('@google/genai');
      expect(needed.filter((name) => !has(name))).toEqual([]);
      // Other than what the dependencies need themselves, as webpack does terser.
      for (const name of ['typescript', 'vitest', 'eslint', 'prettier']) {
        expect(devDependencies).toHaveProperty(name);
        expect(has(name), name).toBe(false);
      }
      // Only that of the machine that builds the image, which is the machine of its platform.
      const machine = process.arch === 'arm64' ? 'aarch64' : 'x86_64';
      expect(readdirSync(releases)).toEqual([`${machine}-unknown-linux-gnu`]);
    } finally {
      rmSync(app, { recursive: true });
    }
  });

  it('fails its build without what the worker runs on', () => {
    const checks = runs.filter((run) => run.includes('await import('));
    expect(checks).toHaveLength(1);
    const checkIn = (cwd: string) => spawnSync('sh', ['-c', checks[0] ?? ''], { cwd, encoding: 'utf8' });
    expect(checkIn(root)).toMatchObject({ status: 0, stderr: '' });
    const { status, stderr } = checkIn(tmpdir());
    expect(status).toBe(1);
    expect(stderr).toContain("Cannot find package '@google/genai'");
  });

  it("starts the package's own command", () => {
    const { bin } = JSON.parse(read('package.json')) as { bin: Record<string, string> };
    expect(dockerfile).toContain(`ENTRYPOINT ["node", "/app/${bin['temporal-gemini-files']}"]`);
  });
});

describe('the server', () => {
  it('reads a dynamic config that is mounted, with a list of values under each key', () => {
    const { environment = {}, volumes = [] } = named('temporal');
    const [from = '', to = ''] = (volumes[0] ?? '').split(':');
    const inContainer = environment['DYNAMIC_CONFIG_FILE_PATH'] ?? '';
    expect(path.posix.dirname(inContainer)).toBe(to);
    const file = path.join(from, path.posix.basename(inContainer));
    expect(statSync(path.join(root, file)).isFile()).toBe(true);

    const config = parse(read(file)) as Record<
      string,
      { value: unknown; constraints?: { taskQueueName?: string } }[]
    >;
    for (const [key, entries] of Object.entries(config)) {
      expect(key).toMatch(/^[a-z]+\.\w+/);
      for (const { value, constraints } of entries) {
        expect(value).toBeDefined();
        if (constraints?.taskQueueName !== undefined) expect(constraints.taskQueueName).toBe(TASK_QUEUE);
      }
    }
  });

  it('keeps closed runs longer than the provider keeps files', () => {
    const retention = withDefaults(named('temporal-namespace').environment?.['RETENTION'] ?? '');
    expect(Number.parseInt(retention)).toBeGreaterThan(48);
    expect(retention).toMatch(/^\d+h$/);
  });
});

describe('temporal/temporal.toml', () => {
  const load = (profile: string, overrideEnvVars: Record<string, string> = {}) => ({
    profile,
    configSource: { path: path.join(root, 'temporal/temporal.toml') },
    configFileStrict: true,
    overrideEnvVars,
  });

  it("leads to the stack's address by default", () => {
    const { address, namespace, tls } = loadClientConfigProfile(load('default'));
    const port = withDefaults(named('temporal').ports?.[0] ?? '').replace(/:\d+$/, '');
    expect({ address, namespace, tls }).toEqual({
      address: port,
      namespace: worker.environment?.['TEMPORAL_NAMESPACE'],
      tls: undefined,
    });
  });

  it('turns TLS on for Temporal Cloud and takes the key from the environment', () => {
    const { connectionOptions } = loadClientConnectConfig(load('cloud', { TEMPORAL_API_KEY: 'from-env' }));
    expect(connectionOptions.apiKey).toBe('from-env');
    expect(connectionOptions.tls).toBeTruthy();
    expect(loadClientConfigProfile(load('cloud')).apiKey).toBeUndefined();
  });

  it('names a client certificate and its key for mTLS', () => {
    expect(loadClientConfigProfile(load('mtls')).tls).toMatchObject({
      clientCert: { path: expect.stringMatching(/\.pem$/) as string },
      clientKey: { path: expect.stringMatching(/\.key$/) as string },
    });
  });
});
