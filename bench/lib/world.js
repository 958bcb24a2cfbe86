/** What a part runs in: a provider, a Temporal server, a folder; all gone afterwards. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { cert } from './certificate.js';
import { withChild } from './child.js';
import { withFolder } from './files.js';

/**
 * @param settings - of the provider; with `tls`, the programs trust its certificate
 * @param work - is given the world, and a function that makes a file of so many bytes and returns its path
 */
export async function withWorld(settings, work) {
  return withFolder((folder, makeFile) =>
    withChild('provider', settings, (provider) =>
      withChild('temporal', {}, async ({ address }) => {
        const connection = await Connection.connect({ address });
        const client = new Client({ connection });
        try {
          const { url, port, call } = provider;
          const env = settings.tls ? await trustIn(folder) : {};
          const world = { folder, url, port, env, provider: call, client, connection, address };
          return await work(world, makeFile);
        } finally {
          await connection.close();
        }
      }),
    ),
  );
}

/** The environment of programs that trust the provider's certificate. */
async function trustIn(folder) {
  const path = join(folder, 'certificate.pem');
  await writeFile(path, cert);
  return { NODE_EXTRA_CA_CERTS: path };
}
