/** Many workflows at once. */

/** Bytes of the file that each of them uploads: the waits are what is measured. */
export const SMALL_BYTES = 4096;

/** Starts that are under way at once; the server, not the client, shall be what limits them. */
const STARTERS = 20;

/** Starts `count` workflows of the `type`, each with the options that `make` returns. */
export async function startAll(client, type, count, make) {
  let left = count;
  const starter = async () => {
    while (left > 0) {
      left -= 1;
      await client.workflow.start(type, make());
    }
  };
  await Promise.all(Array.from({ length: STARTERS }, starter));
}
