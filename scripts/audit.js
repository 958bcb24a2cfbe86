// npm run check:audit: `npm audit`, and scripts/audit-explained.json has to explain each finding. Exits 1 for one that is
// not, or an explanation that nothing needs any more. If the registry has no audit endpoint, nothing is known: it says so and exits 69.
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { exitNotChecked } from './release/not-checked.js';

const say = (line) => process.stdout.write(`${line}\n`);

/** Why a finding does no harm here, by the advisory's address. */
const explained = JSON.parse(
  await readFile(process.argv[2] ?? new URL('audit-explained.json', import.meta.url), 'utf8'),
);

/** `npm audit` exits 1 if it finds anything; its output is JSON in both cases. */
const report = await new Promise((resolve, reject) => {
  execFile('npm', ['audit', '--json'], { maxBuffer: 64 * 1024 * 1024 }, (error, stdout) => {
    try {
      resolve(JSON.parse(stdout));
    } catch {
      reject(error ?? new Error('npm audit said nothing'));
    }
  });
});

if (!report.vulnerabilities)
  exitNotChecked(report.message ?? report.error?.summary ?? 'npm audit gave no report');

/** Only advisories: if `via` is a name, the package only depends on the one with the advisory. */
const found = new Map(
  Object.values(report.vulnerabilities)
    .flatMap(({ via }) => via)
    .filter((via) => typeof via === 'object')
    .map((advisory) => [advisory.url, advisory]),
);
const open = [...found.values()].filter(({ url }) => !explained[url]);
const idle = Object.keys(explained).filter((url) => !found.has(url));

for (const { name, severity, title, range, url } of open)
  say(`${severity}: ${name} ${range}: ${title} (${url})`);
for (const url of idle) say(`Explained, and not found any more: ${url}`);
say(`${found.size} findings, ${found.size - open.length} of them explained`);
process.exit(open.length + idle.length > 0 ? 1 : 0);
