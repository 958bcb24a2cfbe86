// `npm start`: an upload of the sample that the repository ships, or of the file that is named.
import { fileURLToPath } from 'node:url';
import { exitSoon } from '../dist/cli/terminal/exit-soon.js';
import { runCli } from '../dist/cli/program.js';

const defaultPath = fileURLToPath(new URL('../samples/sample.mp4', import.meta.url));
exitSoon(await runCli(['upload', ...process.argv.slice(2)], { defaultPath }));
