/**
 * A fresh process: its idle memory, an upload of `files.less` to warm it up, and the uploads that count.
 *
 * @param who - a contestant
 * @param name - the one of `files` that counts
 * @param count - how often, at once
 */
export async function measureUpload(world, who, files, name, count = 1) {
  const child = await who.start(world);
  try {
    const idle = await child.call('reset');
    await who.run(child, world, files.less);
    await child.call('warmed');
    const began = performance.now();
    const all = await Promise.all(Array.from({ length: count }, () => who.run(child, world, files[name])));
    const ms = count === 1 ? all[0].ms : performance.now() - began;
    const usage = await child.call('usage');
    const { activityMs } = all[0];
    return { ms, ...(count === 1 && activityMs && { activityMs }), idleRss: idle.rss, ...usage };
  } finally {
    await child.end();
  }
}
