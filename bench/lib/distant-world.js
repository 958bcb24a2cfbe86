/** A world whose provider is reached over lines of given lengths and rates, with TLS from end to end. */
import { setTimeout as sleep } from 'node:timers/promises';
import { withChild } from './child.js';
import { withWorld } from './world.js';

/** @param work - is given what `withWorld` gives, and `lineTo(link)`: the same world at the end of such a line */
export async function withDistantWorld(settings, work) {
  return withWorld({ ...settings, tls: true }, (world, makeFile) =>
    withChild('relay', {}, ({ call }) =>
      work(world, makeFile, async (link) => {
        const port = await call('open', { target: world.port, ...link });
        return {
          ...world,
          url: `https://127.0.0.1:${port}`,
          /** Ends the connections that a program has kept, and waits until it knows: the next run makes its own. */
          clear: async () => {
            await call('clear', port);
            await sleep(2 * link.rttMs + 50);
          },
          resetAfter: (ms) => call('resetAfter', { port, ms }),
          books: () => call('books', port),
        };
      }),
    ),
  );
}
