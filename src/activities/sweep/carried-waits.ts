import { isUploadName } from '../../gemini/file-name.js';
import { isKeyFingerprint } from '../../gemini/seal.js';

export interface CarriedFile {
  readonly name: string;
  readonly keyFingerprint?: string;
  /** The wait of `waitActive`: somebody else uploaded the file. */
  readonly foreign?: true;
}

export function fingerprintOf(value: unknown): { readonly keyFingerprint?: string } {
  const given = isObject(value) ? value.keyFingerprint : undefined;
  return isKeyFingerprint(given) ? { keyFingerprint: given } : {};
}

/**
 * The files of all waits in a run's arguments, at any depth: a workflow that calls the functions inline hands them on
 * where it likes.
 *
 * @param madeBy - the run before: a wait that another run made is ignored, as the workflow ignores it
 */
export function carriedWaits(args: unknown, madeBy: string): CarriedFile[] {
  const found: CarriedFile[] = [];
  const seen = new Set<unknown>();
  const open: unknown[] = [args];
  // Without recursion: the nesting is the caller's choice.
  while (open.length > 0) {
    const value = open.pop();
    if (!isObject(value) || seen.has(value)) continue;
    seen.add(value);
    const { runId, state } = value;
    if (runId === madeBy && isObject(state) && isObject(state.file) && isUploadName(state.file.name))
      found.push({
        name: state.file.name,
        ...fingerprintOf(state),
        ...(state.foreign !== undefined && { foreign: true }),
      });
    for (const inner of Object.values(value)) open.push(inner);
  }
  return found;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
