/** Calls of a codec that are open at once: each activity of a run is one, and a codec can be a server. */
const AT_ONCE = 20;

/**
 * Decodes so many items at once.
 *
 * @param onGroup - called when some have been decoded, so that a long history does not stop the heartbeat
 * @returns what `decode` resolves with, in the order of `items`
 */
export async function inGroups<Item, Result>(
  items: readonly Item[],
  decode: (item: Item) => Promise<Result>,
  onGroup: () => void,
): Promise<Result[]> {
  const results: Result[] = [];
  for (let at = 0; at < items.length; at += AT_ONCE) {
    results.push(...(await Promise.all(items.slice(at, at + AT_ONCE).map(decode))));
    onGroup();
  }
  return results;
}
