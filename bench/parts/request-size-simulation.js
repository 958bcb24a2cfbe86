/**
 * What the length of an upload's requests costs and protects, computed: bytes at the rate of the line, a round trip for each
 * request, no slow start. A break costs the request under way if the provider keeps nothing of it; how much it keeps is not known.
 */
import { RequestSize } from '../../dist/gemini/request-size.js';

const MIB = 1024 * 1024;
const GRANULARITY = 8 * MIB;
const RESET_MS = 30_000;

const fixed = (mib) => () => ({ of: (left) => Math.min(mib * MIB, left), passed() {}, broke() {} });
const STRATEGIES = [
  ['8 MiB each, as @google/genai', fixed(8)],
  ['64 MiB each, as 0.1.0', fixed(64)],
  ['the whole rest in one', fixed(1 << 20)],
  ['8 s each at the measured speed', () => new RequestSize(GRANULARITY)],
  ['the same, the first of 8 MiB', () => withFirst(8 * MIB)],
  ['the same, the first of 128 MiB', () => withFirst(128 * MIB)],
];

function withFirst(bytes) {
  const size = new RequestSize(GRANULARITY);
  let first = true;
  return {
    of: (left) => (first ? Math.min(bytes, left) : size.of(left)),
    passed(...given) {
      first = false;
      size.passed(...given);
    },
    broke: (lost) => size.broke(lost),
  };
}

/** @param options - `resets`: whether the connection is reset every 30 s, and nothing is kept of the request under way */
function send(size, sizeBytes, { rttMs, mbit, resets = false }) {
  const bytesPerMs = (mbit * 1e6) / 8 / 1000;
  const taken = { ms: 2 * rttMs, bytes: 0, requests: 0, longestMs: 0 };
  let connectedAt = taken.ms;
  for (let offset = 0; offset < sizeBytes;) {
    const bytes = size.of(sizeBytes - offset);
    const bodyMs = bytes / bytesPerMs;
    const left = connectedAt + RESET_MS - taken.ms;
    taken.requests += 1;
    if (resets && bodyMs + rttMs > left) {
      taken.bytes += Math.max(0, left) * bytesPerMs;
      // A connection and a query.
      taken.ms += left + 4 * rttMs;
      connectedAt = taken.ms - rttMs;
      size.broke(bytes);
      // A request that can never pass.
      if (taken.requests > 1000) return { ...taken, ms: Infinity };
      continue;
    }
    taken.ms += bodyMs + rttMs;
    taken.bytes += bytes;
    taken.longestMs = Math.max(taken.longestMs, bodyMs);
    offset += bytes;
    size.passed(bytes, { ms: bodyMs + rttMs, bodyMs });
  }
  return taken;
}

const LINES = [
  { rttMs: 100, mbit: 1 },
  { rttMs: 100, mbit: 100 },
  { rttMs: 100, mbit: 1000 },
  { rttMs: 200, mbit: 1000 },
];

/** Of each strategy: by line, time ÷ one request and the longest request; and 1 GiB with breaks, time and bytes ÷ none. */
export function simulateRequestSizes() {
  return STRATEGIES.map(([title, create]) => {
    const lines = LINES.map((line) => {
      const { ms, longestMs, requests } = send(create(), 256 * MIB, line);
      return { ...line, requests, longestMs, ratio: ms / send(fixed(1 << 20)(), 256 * MIB, line).ms };
    });
    const line = { rttMs: 100, mbit: 100 };
    const broken = send(create(), 1024 * MIB, { ...line, resets: true });
    const ends = Number.isFinite(broken.ms);
    return {
      title,
      lines,
      broken: {
        ends,
        ratio: ends ? broken.ms / send(create(), 1024 * MIB, line).ms : 0,
        sent: ends ? broken.bytes / (1024 * MIB) : 0,
      },
    };
  });
}
