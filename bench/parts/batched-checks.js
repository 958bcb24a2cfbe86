/** Requests of many open waits, file by file and by `list`: arithmetic, on the sizes of the answers that were recorded. */

/** A page of `list`, at most. */
const PAGE = 100;
/** The cap of the default backoff: how often a long wait asks. */
const INTERVAL_S = 10;
/** An answer's File without and with a video's thumbnail, bytes, as recorded. */
const FILE_BYTES = 700;
const VIDEO_BYTES = 10_700;

/** Open waits on a worker, and how many files the key has in all: `list` brings those of the last 48 hours, wanted or not. */
const CASES = [
  [1, 1],
  [10, 10],
  [10, 1000],
  [100, 100],
  [100, 1000],
  [1000, 1000],
  [1000, 10_000],
];

export function batched() {
  return CASES.map(([open, files]) => {
    const rounds = 60 / INTERVAL_S;
    const pages = Math.ceil(files / PAGE);
    return {
      open,
      files,
      gets: open * rounds,
      lists: pages * rounds,
      getBytes: open * rounds * FILE_BYTES,
      // What is still PROCESSING has no thumbnail; the rest is taken to be videos that have.
      listBytes: rounds * (open * FILE_BYTES + (files - open) * VIDEO_BYTES),
    };
  });
}
