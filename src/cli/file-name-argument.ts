import { FILE_NAME_RULE, isFileName } from '../contract/file-name.js';
import { formatValue } from '../contract/show.js';

/** What is wrong with a text that is to be a file's name at the provider, and the name that was probably meant; undefined if it is one. */
export function mistakeInFileName(given: string): string | undefined {
  const isName: boolean = isFileName(given);
  if (isName) return undefined;
  const problem = `${FILE_NAME_RULE}, got ${formatValue(given)}`;
  // The `uri` of a result, its download link, or the id alone.
  const id =
    /^https:\/\/[^?#]*\/files\/([^/:?#]+)/.exec(given)?.[1] ?? given.trim().replace(/^\/?files\//i, '');
  const name = `files/${id.toLowerCase()}`;
  // A word with a dot is a path, and so is not changed into a name.
  return isFileName(name) ? `${problem}. Did you mean ${name}?` : problem;
}
