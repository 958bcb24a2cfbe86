/** Machines that lack something: a home directory, the native module of Temporal's SDK. */
import { rename } from 'node:fs/promises';
import { join } from 'node:path';
import { expectText, failureOf, importsOf, PLAIN_ENTRY_POINTS, Project } from '../project.js';

/** A user that is in no passwd file. */
const STRANGER = 61_234;
const WITHOUT_CORE = [
  'temporal-gemini-files',
  'temporal-gemini-files/gemini',
  'temporal-gemini-files/workflow',
];

export const machines = [
  {
    name: 'no HOME and no passwd entry',
    fast: true,
    async run({ shared }) {
      const project = await shared();
      const options = { env: { HOME: undefined }, ...(process.getuid?.() === 0 && { uid: STRANGER }) };
      await project.cli(['--help'], options);
      await project.nodeRun(importsOf(PLAIN_ENTRY_POINTS), options);
      return options.uid === undefined ? 'tried without another user: this one is not root' : '';
    },
  },
  {
    name: 'a path with spaces, umlauts and a percent sign',
    fast: true,
    async run({ shared, project }) {
      const { folder } = await shared();
      const odd = new Project(join(project.folder, 'Bücher & Töne 100%'));
      await project.run(['cp', '--archive', '--link', folder, odd.folder]);
      await odd.nodeRun(importsOf(PLAIN_ENTRY_POINTS));
      expectText(await odd.cli(['doctor', '--offline']).catch((error) => error.stdout), 'ok    packages');
    },
  },
  {
    name: 'no TMPDIR, a home that cannot be written',
    fast: true,
    async run({ shared, temporalCli }) {
      const project = await shared();
      const nowhere = { TMPDIR: '/nonexistent/tmp', HOME: '/proc' };
      await project.nodeRun(importsOf(PLAIN_ENTRY_POINTS), { env: nowhere });
      await project.write('notes.txt', 'words');
      const env = { ...nowhere, TEMPORAL_CLI: await temporalCli(), GEMINI_API_KEY: '', GOOGLE_API_KEY: '' };
      const said = await failureOf(project.cli(['upload', 'notes.txt'], { env }));
      expectText(said, 'Set XDG_STATE_HOME to a folder of yours');
      const state = { XDG_STATE_HOME: join(project.folder, 'state') };
      const uploaded = await project.cli(['upload', 'notes.txt', '--json'], { env: { ...env, ...state } });
      expectText(uploaded, '"state":"ACTIVE"');
      return 'with an upload, once `XDG_STATE_HOME` is set';
    },
  },
  {
    name: 'no native module (musl, odd images)',
    fast: true,
    async run({ shared }) {
      const project = await shared();
      const releases = join(project.folder, 'node_modules/@temporalio/core-bridge/releases');
      await rename(releases, `${releases}-hidden`);
      try {
        await project.nodeRun(importsOf(WITHOUT_CORE));
        for (const args of [['--version'], ['emulator', '--help'], ['replay', '--help']])
          await project.cli(args);
        const said = await project.cli(['doctor', '--offline']).catch((error) => error.stdout);
        expectText(said, 'FAIL  native module');
        return '`doctor` says what is wrong; what runs no worker works';
      } finally {
        await rename(`${releases}-hidden`, releases);
      }
    },
  },
];
