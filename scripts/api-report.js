// `npm run api-report` writes docs/api/*.api.md: what each entry point exports. With --check, exits 1 if a report is not current.
import { mkdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Extractor, ExtractorConfig } from '@microsoft/api-extractor';

const root = fileURLToPath(new URL('../', import.meta.url));
const check = process.argv.includes('--check');
const { exports: entries } = JSON.parse(readFileSync(`${root}package.json`, 'utf8'));
mkdirSync(`${root}docs/api`, { recursive: true });
mkdirSync(`${root}.cache/api`, { recursive: true });

let changed = 0;
for (const [entry, { types } = {}] of Object.entries(entries)) {
  if (!types) continue;
  const name = entry === '.' ? 'client' : entry.slice(2).replaceAll('/', '-');
  const config = ExtractorConfig.prepare({
    configObjectFullPath: undefined,
    packageJsonFullPath: `${root}package.json`,
    configObject: {
      projectFolder: root,
      mainEntryPointFilePath: `${root}${types}`,
      compiler: { tsconfigFilePath: `${root}tsconfig.build.json` },
      apiReport: {
        enabled: true,
        // The options are types that are derived from tables: a change of an option shows in its table.
        includeForgottenExports: true,
        reportFileName: name,
        reportFolder: `${root}docs/api`,
        reportTempFolder: `${root}.cache/api`,
      },
      docModel: { enabled: false },
      dtsRollup: { enabled: false },
      tsdocMetadata: { enabled: false },
    },
  });
  const result = Extractor.invoke(config, {
    localBuild: !check,
    messageCallback: (message) => {
      // Only the report matters here: lint and tsc check the rest.
      message.handled = message.logLevel !== 'error';
    },
  });
  if (!result.apiReportChanged) continue;
  changed += 1;
  process.stderr.write(
    `docs/api/${name}.api.md ${check ? 'is not current: run npm run api-report' : 'is written'}\n`,
  );
}
process.exitCode = check && changed > 0 ? 1 : 0;
