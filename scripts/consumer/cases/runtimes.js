/** A whole program of a user, with a worker, a workflow that embeds the wait, and a replay, on each Node.js with each Gemini SDK. */
import {
  expectText,
  ENTRY_POINTS,
  failureOf,
  importsOf,
  locked,
  LOWEST_NODE,
  OPTIONAL,
  README_LINE,
  requiresOf,
} from '../project.js';
import { addProgram, compile, TYPES } from './types.js';

const REST = [...README_LINE.slice(1), ...OPTIONAL, locked('typescript'), ...TYPES];

function program(type, node, genai) {
  return {
    name: `Node.js ${node}, @google/genai ${genai}, ${type === 'module' ? 'ESM' : 'CommonJS'}`,
    async run({ newProject, tarball, temporalCli }) {
      const project = await newProject(type === 'module' ? { type } : {});
      await addProgram(project);
      const sdk = genai === 2 ? locked('@google/genai') : `@google/genai@${genai}`;
      await project.npmInstall(tarball, sdk, ...REST, `node@${node}`);
      await project.nodeRun(type === 'module' ? importsOf(ENTRY_POINTS) : requiresOf(ENTRY_POINTS));
      await compile(project, 'nodenext/nodenext', '--outDir', 'lib');
      const said = await project.nodeRun([
        'lib/main.js',
        `${project.folder}/lib/workflows.js`,
        await temporalCli(),
      ]);
      expectText(said, 'uploaded, 2 checks, generated, replayed');
      return `Node.js ${(await project.nodeRun(['--version'])).trim()}, @google/genai ${await project.versionOf('@google/genai')}`;
    },
  };
}

export const runtimes = [
  program('module', LOWEST_NODE, 2),
  program('commonjs', LOWEST_NODE, 2),
  program('module', 20, 2),
  program('commonjs', 20, 2),
  program('module', 22, 2),
  program('module', 22, 3),
  program('module', 24, 2),
  program('module', 24, 3),
  program('commonjs', 24, 3),
  {
    name: 'Node.js 20 and @google/genai 3, engine-strict',
    async run({ project, tarball }) {
      await project.write('.npmrc', 'engine-strict=true\n');
      const said = await failureOf(project.npmInstall(tarball, '@google/genai@3', ...README_LINE.slice(1)));
      expectText(said, 'EBADENGINE', '@google/genai');
      return 'npm refuses it, as documented: take `@google/genai@2`';
    },
  },
  {
    name: 'ES module',
    fast: true,
    async run({ shared }) {
      const project = await shared();
      await project.nodeRun(importsOf(ENTRY_POINTS));
      return `${ENTRY_POINTS.length} entry points`;
    },
  },
  {
    name: 'CommonJS',
    fast: true,
    async run({ shared }) {
      const project = await shared();
      await project.nodeRun(requiresOf(ENTRY_POINTS));
      return `${ENTRY_POINTS.length} entry points by \`require\``;
    },
  },
];
