/** What a part runs in: a provider, a Temporal server, a folder; all gone afterwards. */
import { startChild } from './child.js';
import { withFolder } from './files.js';
import { devServer } from './temporal.js';

/**
 * @param provider - settings of the provider
 * @param work - is given the world and the folder's function that makes files
 */
export async function withWorld(provider, work) {
  return withFolder(async (folder, makeFile) => {
    const books = await startChild('provider', provider);
    try {
      const temporal = await devServer();
      try {
        const { url, call } = books;
        return await work(
          { folder, url, provider: call, client: temporal.client, address: temporal.address },
          makeFile,
        );
      } finally {
        await temporal.close();
      }
    } finally {
      await books.end();
    }
  });
}
