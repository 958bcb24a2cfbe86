/** Loaded into the command line tool by `--import`: writes down when it did what, as JSON lines in the file `BENCH_TRACE`. */
import diagnostics from 'node:diagnostics_channel';
import { appendFileSync } from 'node:fs';

// npx itself, and whatever else is on the way, is none of it.
if (process.argv[1]?.endsWith('temporal-gemini-files')) {
  const note = (what, at = Date.now()) =>
    appendFileSync(process.env.BENCH_TRACE, `${JSON.stringify({ what, at })}\n`);
  note('node', performance.timeOrigin);
  diagnostics.subscribe('child_process', ({ process: child }) => note(`spawn ${child.spawnargs?.at(1)}`));
  diagnostics.subscribe('net.client.socket', ({ socket }) => {
    socket.once('connect', () => note(`connected ${socket.remotePort}`));
  });
}
