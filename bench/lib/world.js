/** What a part runs in: a provider, a Temporal server, a folder; all gone afterwards. */
import { Client, Connection } from '@temporalio/client';
import { withChild } from './child.js';
import { withFolder } from './files.js';
import { TRUST } from './tls.js';

/**
 * @param settings - of the provider; with `tls`, the programs trust its certificate; `temporal`: those of the Temporal server
 * @param work - is given the world, and a function that makes a file of so many bytes and returns its path
 */
export async function withWorld(settings, work) {
  return withFolder((folder, makeFile) =>
    withChild('provider', settings, (provider) =>
      withChild('temporal', settings.temporal, async ({ address }) => {
        const connection = await Connection.connect({ address });
        const client = new Client({ connection });
        try {
          const { url, port, call } = provider;
          const env = settings.tls ? TRUST : {};
          const world = { folder, url, port, env, provider: call, client, connection, address };
          return await work(world, makeFile);
        } finally {
          await connection.close();
        }
      }),
    ),
  );
}
