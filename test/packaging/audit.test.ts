/** `npm run check:audit` against a registry of our own, which knows one advisory, or has no audit endpoint. */

import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { useTestFolder } from '../support/files.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
const folder = await useTestFolder();

const ADVISORY = 'https://github.com/advisories/GHSA-test-test-test';

/** The advisory of a registry on a locked dependency of this project. */
const KNOWN: Readonly<Record<string, unknown>> = {
  '/-/npm/v1/security/advisories/bulk': {
    commander: [
      {
        id: 1,
        url: ADVISORY,
        title: 'made up',
        severity: 'high',
        vulnerable_versions: '*',
        cwe: [],
        cvss: {},
      },
    ],
  },
  '/commander': { name: 'commander', 'dist-tags': {}, versions: {} },
};

async function audit(known: typeof KNOWN, explained: unknown): Promise<{ code: number; text: string }> {
  const explanations = join(folder.path, 'explained.json');
  await writeFile(explanations, JSON.stringify(explained));
  const server = createServer((request, response) => {
    const body = known[request.url ?? ''];
    request.resume();
    response.writeHead(body === undefined ? 405 : 200, { 'content-type': 'application/json' });
    response.end(JSON.stringify(body ?? {}));
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const { port } = server.address() as AddressInfo;
  const env = {
    ...process.env,
    npm_config_registry: `http://127.0.0.1:${port}/`,
    npm_config_cache: join(folder.path, 'cache'),
  };
  try {
    return await new Promise((resolve) => {
      const args = ['scripts/audit.js', explanations];
      execFile(process.execPath, args, { cwd: root, env }, (error, text) =>
        resolve({ code: error ? Number(error.code) : 0, text }),
      );
    });
  } finally {
    server.close();
  }
}

it('fails for a finding without an explanation, and names it', async () => {
  const { code, text } = await audit(KNOWN, {});
  expect(text).toContain(`high: commander *: made up (${ADVISORY})`);
  expect(text).toMatch(/^1 findings, 0 of them explained$/m);
  expect(code).toBe(1);
});

it('passes if each finding is explained', async () => {
  const { code, text } = await audit(KNOWN, { [ADVISORY]: 'not reached: made up' });
  expect(text).toBe('1 findings, 1 of them explained\n');
  expect(code).toBe(0);
});

it('fails for an explanation that outlived its finding', async () => {
  const { code, text } = await audit({ '/-/npm/v1/security/advisories/bulk': {} }, { [ADVISORY]: 'gone' });
  expect(text).toContain(`not found any more: ${ADVISORY}`);
  expect(code).toBe(1);
});

it('does not pass if the registry has no audit endpoint', async () => {
  const { code, text } = await audit({}, {});
  expect(text).toMatch(/^could not be checked: 405 /);
  expect(code).toBe(69);
});
