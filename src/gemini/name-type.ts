/** The type that the ending of a name says. */

import mime from 'mime';

/** What a batch job takes (provider fact F-STATE-JSONL). */
const BY_ENDING: ReadonlyMap<string, string> = new Map([
  ['jsonl', 'jsonl'],
  ['ndjson', 'jsonl'],
]);

/** What follows the last dot of `name`, in lower case; empty if the name has no ending. A name that is all ending, such as `.key`, has none. */
export const endingOf = (name: string): string => /[^/\\]\.([^./\\]+)$/.exec(name)?.[1]?.toLowerCase() ?? '';

/** The type of the name's ending, as the libraries spell it. A word without a dot is not an ending, though `mid` and `key` look like one. */
export function typeOfEnding(name: string): string | undefined {
  const ending = endingOf(name);
  return ending === '' ? undefined : (BY_ENDING.get(ending) ?? mime.getType(ending) ?? undefined);
}
