/** TypeScript: the settings that projects have, in the versions of the compiler that are in use. */
import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expectText, failureOf, locked, OPTIONAL, README_LINE } from '../project.js';

const program = fileURLToPath(new URL('../../../test/consumer', import.meta.url));
const SOURCES = ['main', 'workflows', 'entry-points'].map((name) => `src/${name}.ts`);

/** What a project writes as `module` and `moduleResolution`. */
const MODES = {
  module: ['node16/node16', 'nodenext/nodenext', 'esnext/bundler'],
  // node20 is the module that lets CommonJS import ESM under moduleResolution node16.
  commonjs: ['node20/node16', 'nodenext/nodenext', 'preserve/bundler'],
};
/** Temporal's types are those of a canary release of ms, which holds its own back: @types/ms has the same. */
export const TYPES = ['@types/node@20', '@types/ms@2'];

/** Copies the program of a user into the project. */
export const addProgram = (project) => cp(program, join(project.folder, 'src'), { recursive: true });

export function compile(project, mode, ...args) {
  const [module, moduleResolution] = mode.split('/');
  const options = ['--strict', '--target', 'es2022', '--skipLibCheck', 'false', ...args];
  const how = ['--module', module, '--moduleResolution', moduleResolution];
  return project.bin('tsc', [...how, ...options, ...SOURCES]);
}

const strictly = (type, typescript, types = []) => ({
  name: `TypeScript ${typescript}, ${type === 'module' ? 'ESM' : 'CommonJS'}`,
  async run({ newProject, tarball }) {
    const project = await newProject(type === 'module' ? { type } : {});
    await addProgram(project);
    const compiler = typescript === '5.9' ? locked('typescript') : `typescript@${typescript}`;
    await project.npmInstall(tarball, ...README_LINE, ...OPTIONAL, compiler, ...TYPES);
    for (const mode of MODES[type]) await compile(project, mode, '--noEmit', ...types);
    if (type === 'commonjs') {
      // As documented: under module node16, TypeScript lets CommonJS have ESM by `await import()` alone.
      expectText(await failureOf(compile(project, 'node16/node16', '--noEmit', ...types)), 'TS1479');
    }
    return `${await project.versionOf('typescript')}, ${MODES[type].join(', ')}, \`skipLibCheck: false\``;
  },
});

const STRICTER = [
  'exactOptionalPropertyTypes',
  'verbatimModuleSyntax',
  'isolatedModules',
  'noUncheckedIndexedAccess',
  'erasableSyntaxOnly',
];

const NODE_TYPES = ['--types', 'node'];

export const types = [
  ...['module', 'commonjs'].flatMap((type) => [
    strictly(type, '5.9'),
    // `types` is empty by default from version 6 on.
    strictly(type, '6', NODE_TYPES),
    strictly(type, '7', NODE_TYPES),
  ]),
  {
    name: 'TypeScript, strict settings',
    fast: true,
    async run({ shared }) {
      const project = await shared();
      await cp(program, join(project.folder, 'strict'), { recursive: true });
      await project.write('strict/package.json', '{ "type": "module" }');
      // Temporal's own types do not pass `exactOptionalPropertyTypes` with `skipLibCheck: false`.
      const options = [
        '--module',
        'nodenext',
        '--strict',
        '--target',
        'es2022',
        '--skipLibCheck',
        '--noEmit',
      ];
      const stricter = STRICTER.map((name) => `--${name}`);
      await project.bin('tsc', [...options, ...stricter, 'strict/entry-points.ts', 'strict/workflows.ts']);
      return STRICTER.map((name) => `\`${name}\``).join(', ');
    },
  },
  {
    name: 'NestJS (`module: commonjs`, `moduleResolution: node`)',
    fast: true,
    async run({ shared }) {
      const project = await shared();
      await project.write('src/nest.ts', NEST_SERVICE);
      const options = [
        '--module',
        'commonjs',
        '--moduleResolution',
        'node',
        '--target',
        'es2021',
        '--strict',
      ];
      const decorators = ['--experimentalDecorators', '--emitDecoratorMetadata'];
      await project.bin('tsc', [
        ...options,
        ...decorators,
        '--skipLibCheck',
        '--outDir',
        'nest',
        'src/nest.ts',
      ]);
      expectText(await project.nodeRun(['nest/nest.js']), '5 entry points');
      return `TypeScript ${await project.versionOf('typescript')}, compiled and run`;
    },
  },
];

const NEST_SERVICE = `
  import { GeminiFilesClient } from 'temporal-gemini-files';
  import { GeminiFilesPlugin } from 'temporal-gemini-files/worker';
  import { waitActive } from 'temporal-gemini-files/workflow';
  import { GeminiFilesEmulator } from 'temporal-gemini-files/testing';
  import { uploadFile } from 'temporal-gemini-files/gemini';

  const Injectable = (): ClassDecorator => () => undefined;

  @Injectable()
  class FilesService {
    constructor(readonly files: GeminiFilesClient, readonly plugin: GeminiFilesPlugin) {}
  }

  const all = [FilesService, GeminiFilesClient, waitActive, GeminiFilesEmulator, uploadFile];
  new GeminiFilesPlugin({ apiKey: 'a-key' });
  console.log(all.length + ' entry points');
`;
