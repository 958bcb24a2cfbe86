/** The worker of examples/lambda, invoked as AWS Lambda does. */
import { copyFile, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expectText, README_LINE } from '../project.js';

const example = new URL('../../../examples/lambda/', import.meta.url);
const program = new URL('../programs/lambda.js', import.meta.url);

export const serverless = [
  {
    name: 'AWS Lambda: @temporalio/lambda-worker',
    fast: true,
    async run({ project, tarball, temporalCli }) {
      await project.write('package.json', await readFile(new URL('package.json', example), 'utf8'));
      for (const name of ['bundle.js', 'handler.js'])
        await copyFile(new URL(name, example), join(project.folder, name));
      await copyFile(program, join(project.folder, 'invoke.js'));
      await project.npmInstall(tarball, ...README_LINE);
      await project.nodeRun(['bundle.js']);
      const said = await project.nodeRun(['invoke.js', await temporalCli()], { timeoutMs: 120_000 });
      expectText(said, 'ACTIVE after');
      return `${said.trim()}, with the \`overrides\` of examples/lambda`;
    },
  },
];
