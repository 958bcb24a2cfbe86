import prettyBytes from 'pretty-bytes';

/** A size in decimal units, as people read it everywhere in this package: `629 MB`. */
export function formatBytes(bytes: number | bigint): string {
  return prettyBytes(bytes);
}
