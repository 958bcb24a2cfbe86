/**
 * Loaded into a worker by `--import`: its hash is one whose state can be saved, and a later attempt goes on from the last state in place of
 * reading again what was sent. The states are in the file `BENCH_HASH_STATES`, a line each: it does not matter here that
 * a heartbeat would have them, sealed.
 */
import { appendFileSync, readFileSync } from 'node:fs';
import { createSHA256 } from 'hash-wasm';
import { ContentHash } from '../../dist/gemini/content-hash.js';

const file = process.env.BENCH_HASH_STATES;
const hashers = new WeakMap();
const sha256 = await createSHA256();
/** One upload at a time, so that one instance is enough. */
const hasherOf = (hash) => {
  if (!hashers.has(hash)) hashers.set(hash, sha256.init());
  return hashers.get(hash);
};

/** The last state of at most so many bytes: that of the heartbeat which Temporal has received. */
function saved(offset) {
  const lines = readFileSync(file, 'utf8').trimEnd().split('\n');
  return lines.map((line) => JSON.parse(line)).findLast(({ position }) => position <= offset);
}

const { advanceTo } = ContentHash.prototype;

Object.assign(ContentHash.prototype, {
  update(chunk, offset) {
    const fresh = this.position - offset;
    if (fresh >= chunk.length) return;
    hasherOf(this).update(fresh > 0 ? chunk.subarray(fresh) : chunk);
    this.position = offset + chunk.length;
  },
  /** Called for each checkpoint, and at the end. */
  digest() {
    const hasher = hasherOf(this);
    const state = hasher.save();
    const digest = hasher.digest();
    hasher.load(state);
    const line = { position: this.position, state: Buffer.from(state).toString('hex') };
    appendFileSync(file, `${JSON.stringify(line)}\n`);
    return digest;
  },
  async advanceTo(offset, signal) {
    if (this.position === 0 && offset > 0) {
      const { position, state } = saved(offset);
      hasherOf(this).load(Buffer.from(state, 'hex'));
      this.position = position;
    }
    await advanceTo.call(this, offset, signal);
  },
});
