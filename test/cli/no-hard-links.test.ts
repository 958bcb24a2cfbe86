/** A state folder on a file system without hard links, such as exFAT, SMB, or the storage of a phone. */

import { expect, it } from 'vitest';
import { cliHome } from '../support/cli.js';

it('the embedded server starts there', async () => {
  await using home = await cliHome();
  const preload = await home.file(
    'no-links.cjs',
    `const fs = require('node:fs');
     const refuse = () => {
       throw Object.assign(new Error('EPERM: operation not permitted, link'), { code: 'EPERM', syscall: 'link' });
     };
     Object.assign(fs, { link: refuse, linkSync: refuse });
     Object.assign(fs.promises, { link: async () => refuse() });`,
  );
  const end = await home.run(['status', 'no-such-run'], { env: { NODE_OPTIONS: `--require ${preload}` } });
  expect(end.stderr).toContain('RunNotFoundError: No run no-such-run');
  expect(end.stderr).not.toContain('EPERM');
});
