/** Kills of workers and of the server, at random moments of the middle of a run. */

/**
 * Each killed process is started again, after up to five seconds; the last killed worker stays dead.
 *
 * @param at - resolves so many milliseconds after the begin
 * @param open - how many uploads are under way
 * @returns `{killed: [{name, open}], stayedDead}`
 */
export async function playKills(
  topology,
  { spanMs, workers, workerKills, serverKills, random, at, open, say },
) {
  // Workers and the server in turns of equal length, so that no kill meets a process that is being restarted.
  const victims = spread(workerKills, serverKills).map((isServer) =>
    isServer ? 'server' : `worker-${random.between(0, workers - 1)}`,
  );
  const stayedDead = victims.findLast((name) => name !== 'server');
  const last = victims.lastIndexOf(stayedDead);
  const turnMs = (0.7 * spanMs) / victims.length;
  const killed = [];
  for (const [index, name] of victims.entries()) {
    await at(0.15 * spanMs + (index + random.next() * 0.5) * turnMs);
    killed.push({ name, open: open() });
    say(`kill -9 ${name}, with ${open()} uploads under way`);
    await topology.kill(name);
    if (index === last) continue;
    await at(0.15 * spanMs + (index + 0.5) * turnMs + Math.min(5000, random.next() * 0.4 * turnMs));
    await (name === 'server' ? topology.restartServer() : topology.restartWorker(name));
  }
  return { killed, stayedDead };
}

/** Whether each turn is the server's, spread evenly. */
function spread(workerKills, serverKills) {
  const total = workerKills + serverKills;
  const due = (turn) => Math.floor((turn * serverKills) / total);
  return Array.from({ length: total }, (_, turn) => due(turn + 1) > due(turn));
}
