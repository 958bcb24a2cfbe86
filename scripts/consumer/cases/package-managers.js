/** The install line of the documentation, with each package manager. */
import { join } from 'node:path';
import {
  expectText,
  failureOf,
  importsOf,
  OPTIONAL,
  PLAIN_ENTRY_POINTS,
  Project,
  README_LINE,
} from '../project.js';

const PACKAGES_FINE = 'ok    packages';

/** Loads the entry points, starts the command line, and lets `doctor` judge what was installed. */
async function works(project) {
  await project.nodeRun(importsOf(PLAIN_ENTRY_POINTS));
  await project.cli(['--version']);
  const said = await project
    .cli(['doctor', '--offline'], { env: { GEMINI_API_KEY: '' } })
    .catch((error) => error.stdout);
  expectText(said, PACKAGES_FINE, 'gemini sdk');
}

export const packageManagers = [
  {
    name: 'npm',
    fast: true,
    async run({ shared }) {
      const project = await shared();
      await works(project);
      return `npm ${(await project.run(['npm', '--version'])).trim()}`;
    },
  },
  {
    name: 'npm --legacy-peer-deps',
    async run({ project, tarball }) {
      await project.npmInstall('--legacy-peer-deps', tarball, ...README_LINE);
      await works(project);
    },
  },
  {
    name: 'pnpm',
    async run({ project, tarball }) {
      await project.run(['npx', '-y', 'pnpm@10', 'add', tarball, ...README_LINE]);
      await works(project);
      return `pnpm ${(await project.run(['npx', '-y', 'pnpm@10', '--version'])).trim()}`;
    },
  },
  {
    name: 'pnpm, hoisted',
    async run({ project, tarball }) {
      await project.write('.npmrc', 'node-linker=hoisted\n');
      await project.run(['npx', '-y', 'pnpm@10', 'add', tarball, ...README_LINE]);
      await works(project);
      return '`node-linker=hoisted`';
    },
  },
  {
    name: 'pnpm, strict',
    async run({ project, tarball }) {
      await project.write(
        '.npmrc',
        'hoist=false\nshamefully-hoist=false\nauto-install-peers=false\nstrict-peer-dependencies=true\n',
      );
      await project.run(['npx', '-y', 'pnpm@10', 'add', tarball, ...README_LINE]);
      await works(project);
      return '`hoist=false`, `auto-install-peers=false`, `strict-peer-dependencies=true`';
    },
  },
  {
    name: 'npm workspaces',
    async run({ newProject, tarball }) {
      const root = await newProject({ workspaces: ['packages/*'] });
      const app = await Project.create(join(root.folder, 'packages/app'), { name: 'app', version: '1.0.0' });
      await root.npmInstall('--workspace', 'app', tarball, ...README_LINE);
      await app.nodeRun(importsOf(PLAIN_ENTRY_POINTS));
      const doctor = ['npx', 'temporal-gemini-files', 'doctor', '--offline'];
      expectText(await app.run(doctor).catch((error) => error.stdout), PACKAGES_FINE);
    },
  },
  {
    name: 'npm, linked (`install-strategy=linked`)',
    async run({ project, tarball }) {
      await project.npmInstall('--install-strategy=linked', tarball, ...README_LINE);
      await works(project);
    },
  },
  {
    name: 'Yarn 4, node-modules',
    async run({ project, tarball }) {
      await addByYarn(project, tarball, 'node-modules');
      await works(project);
      return `Yarn ${(await yarn(project, '--version')).trim()}`;
    },
  },
  {
    name: 'Yarn 4, nmHoistingLimits',
    async run({ project, tarball }) {
      await addByYarn(project, tarball, 'node-modules', 'nmHoistingLimits: workspaces\n');
      await works(project);
      return '`nmHoistingLimits: workspaces`';
    },
  },
  {
    name: "Yarn 4, Plug'n'Play, peers that are not named",
    async run({ project, tarball }) {
      await addByYarn(project, tarball, 'pnp', '', []);
      const said = await failureOf(yarn(project, 'temporal-gemini-files', 'doctor'));
      expectText(
        said,
        'needs the package @temporalio/client, which is not installed',
        'npm install temporal',
      );
      return 'one sentence names what to install';
    },
  },
  {
    name: "Yarn 4, Plug'n'Play",
    async run({ project, tarball, temporalCli }) {
      await addByYarn(project, tarball, 'pnp');
      await yarn(project, 'node', ...importsOf(PLAIN_ENTRY_POINTS));
      const doctor = ['temporal-gemini-files', 'doctor', '--offline'];
      const said = await yarn(project, ...doctor).catch((error) => error.stdout);
      expectText(said, PACKAGES_FINE, 'ok    native module');
      await uploads(project, await temporalCli(), ['npx', '-y', YARN_4, 'temporal-gemini-files']);
      return `Yarn ${(await yarn(project, '--version')).trim()}, with an upload`;
    },
  },
  {
    name: 'Yarn 1',
    async run({ project, tarball }) {
      await project.run(['npx', '-y', 'yarn@1', 'add', tarball, ...README_LINE], { timeoutMs: 400_000 });
      await works(project);
    },
  },
  {
    name: 'npx in an empty folder, with the Gemini SDK',
    async run({ project, tarball, temporalCli }) {
      const packages = [tarball, README_LINE[0]].flatMap((one) => ['-p', one]);
      const npx = ['npx', '-y', '--prefer-offline', ...packages, '--', 'temporal-gemini-files'];
      await uploads(project, await temporalCli(), npx);
      return 'with an upload';
    },
  },
  {
    name: 'npx in an empty folder, without it',
    async run({ project, tarball }) {
      await project.write('notes.txt', 'words');
      const said = await failureOf(
        project.run(
          [
            'npx',
            '-y',
            '--prefer-offline',
            '-p',
            tarball,
            '--',
            'temporal-gemini-files',
            'upload',
            'notes.txt',
          ],
          {
            timeoutMs: 400_000,
          },
        ),
      );
      expectText(said, 'MissingDependencyError', 'npx -p temporal-gemini-files -p @google/genai');
      return 'refused before anything starts, with the command that works';
    },
  },
  {
    name: 'two versions of a Temporal package',
    async run({ project, tarball }) {
      await project.npmInstall(tarball, ...README_LINE, ...OPTIONAL);
      // What `npm install --legacy-peer-deps @temporalio/common@1.23` leaves: another version beside the ones of the other packages.
      await project.npmInstall('--legacy-peer-deps', '@temporalio/common@1.23');
      const said = await project.cli(['doctor', '--offline']).catch((error) => error.stdout);
      expectText(said, 'FAIL  packages', 'Install all @temporalio packages in one version');
      return '`doctor` reports it';
    },
  },
];

/** Uploads a file to the emulator, with an embedded server of its own. */
async function uploads(project, cli, command) {
  await project.write('notes.txt', 'words');
  const env = {
    ...{ TEMPORAL_CLI: cli, XDG_STATE_HOME: join(project.folder, 'state'), GEMINI_API_KEY: '' },
    ...{ GOOGLE_API_KEY: '', YARN_ENABLE_TELEMETRY: '0' },
  };
  const said = await project.run([...command, 'upload', 'notes.txt', '--json', '--timeout', '90s'], { env });
  expectText(said, '"state":"ACTIVE"');
}

const YARN_4 = '@yarnpkg/cli-dist@4';
const yarn = (project, ...args) =>
  project.run(['npx', '-y', YARN_4, ...args], {
    timeoutMs: 400_000,
    env: { YARN_ENABLE_TELEMETRY: '0' },
  });

async function addByYarn(project, tarball, linker, settings = '', peers = README_LINE) {
  await project.write('.yarnrc.yml', `nodeLinker: ${linker}\nenableImmutableInstalls: false\n${settings}`);
  // The sign of a project of its own: without it Yarn looks for one in the folders above.
  await project.write('yarn.lock', '');
  await yarn(project, 'add', `temporal-gemini-files@file:${tarball}`, ...peers);
}
