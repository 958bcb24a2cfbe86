// npm run bench -- upload source latency load pollers memory cost distance tls breaks long: this package beside the other ways to do the job, in turn, in the same minutes.
import { loadavg } from 'node:os';
import { PARTS, readOptions, USAGE } from './options.js';
import { writeDocs } from './lib/docs.js';
import { limitsTable, machine, notMet } from './lib/report.js';
import { breaks } from './parts/breaks.js';
import { cost } from './parts/cost.js';
import { distance } from './parts/distance.js';
import { latency } from './parts/latency.js';
import { load } from './parts/load.js';
import { long } from './parts/long.js';
import { memory } from './parts/memory.js';
import { pollers } from './parts/pollers.js';
import { source } from './parts/source.js';
import { tls } from './parts/tls.js';
import { upload } from './parts/upload.js';

const parts = { upload, source, latency, load, pollers, memory, cost, distance, tls, breaks, long };

let options;
try {
  options = readOptions(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`${error.message}\n${USAGE}\n`);
  process.exit(2);
}

const text = options.json ? process.stderr : process.stdout;
const reports = {};
const sections = {};
const inReadme = {};
for (const name of PARTS.filter((part) => options.parts.includes(part))) {
  const began = Date.now();
  const { figures, limits, tables, apart = {}, readme } = await parts[name](options);
  const seconds = Math.round((Date.now() - began) / 1000);
  reports[name] = { seconds, limits, figures };
  sections[name] = [...tables, limitsTable(limits)].join('\n\n');
  sections[`${name} run`] = ranOn(options, seconds);
  for (const [what, tableApart] of Object.entries(apart)) sections[`${name} ${what}`] = tableApart;
  if (readme) inReadme[name] = readme;
  const printed = [sections[name], ...Object.values(apart), sections[`${name} run`]];
  text.write(`\n## ${name}\n\n${printed.join('\n\n')}\n`);
}
if (options.docs) {
  await writeDocs('docs/performance.md', sections);
  await writeDocs('README.md', inReadme);
}
const { rounds, sizeMiB, count } = options;
const report = { machine: machine(), at: new Date().toISOString(), rounds, sizeMiB, count, ...reports };
if (options.json) process.stdout.write(`${JSON.stringify(report)}\n`);
const missed = notMet(reports);
if (missed.length > 0) {
  process.stderr.write(`\nLimits that are not met: ${missed.join('; ')}\n`);
  // The short form does too little for its figures to be judged.
  if (!options.short) process.exitCode = 1;
}

function ranOn({ rounds }, seconds) {
  const load = loadavg().map((value) => value.toFixed(1));
  return (
    `${new Date().toISOString().slice(0, 10)}: ${Object.values(machine()).join(', ')}; ${rounds} rounds, medians; ` +
    `${seconds} s in all; load average of the machine at the end ${load.join(', ')}.`
  );
}
