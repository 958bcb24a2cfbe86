import type { ActiveFile } from './file.js';

/** A part of a prompt that refers to a file, as `generateContent` of `@google/genai` takes it. */
export interface FilePart {
  readonly fileData: { readonly fileUri: string; readonly mimeType: string };
}

/** The part of a prompt that refers to `file`: `contents: [toPart(file), 'What happens in it?']`. */
export function toPart({ uri, mimeType }: Pick<ActiveFile, 'uri' | 'mimeType'>): FilePart {
  return { fileData: { fileUri: uri, mimeType } };
}
