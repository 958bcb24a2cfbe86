/** The install line and the program of docs/observability.md, "Traces": both name packages that this repository does not have. */
import { readFile } from 'node:fs/promises';
import { locked, README_LINE } from '../project.js';
import { TYPES } from './types.js';

const page = new URL('../../../docs/observability.md', import.meta.url);

/** The block of a language below the heading. */
function blockOf(text, language) {
  const section = text.slice(text.indexOf('## Traces'));
  const found = new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\`$`, 'ms').exec(section);
  if (!found) throw new Error(`docs/observability.md has no ${language} block below Traces`);
  return found[1];
}

export const traces = [
  {
    name: 'OpenTelemetry, as docs/observability.md has it',
    async run({ newProject, tarball }) {
      const project = await newProject({ type: 'module' });
      const text = await readFile(page, 'utf8');
      await project.npmInstall(tarball, ...README_LINE, locked('typescript'), ...TYPES);
      await project.run(['sh', '-ec', blockOf(text, 'sh')]);
      await project.write('src/traces.ts', blockOf(text, 'ts'));
      const options = [
        '--module',
        'nodenext',
        '--target',
        'es2022',
        '--strict',
        '--skipLibCheck',
        '--noEmit',
      ];
      await project.bin('tsc', [...options, '--types', 'node', 'src/traces.ts']);
      return `compiled with @opentelemetry/sdk-trace-base ${await project.versionOf('@opentelemetry/sdk-trace-base')}`;
    },
  },
];
