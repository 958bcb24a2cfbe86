/** Machines that lack something: a home directory, the native module of Temporal's SDK. */
import { rename } from 'node:fs/promises';
import { join } from 'node:path';
import { expectText, importsOf, PLAIN_ENTRY_POINTS } from '../project.js';

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
