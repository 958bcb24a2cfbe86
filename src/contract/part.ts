import type { ActiveFile } from './file.js';

/** A part of a prompt that refers to a file, as `generateContent` of `@google/genai` takes it. */
export interface FilePart {
  /** Refers to the file. */
  readonly fileData: {
    /** The file's `uri`. */
    readonly fileUri: string;
    /** The file's MIME type. */
    readonly mimeType: string;
  };
}

/**
 * The part of a prompt that refers to `file`: `contents: [toPart(file), 'What happens in it?']`.
 *
 * @param file - the result of an upload or a wait
 *
 * @example
 * ```ts
 * import { toPart } from 'temporal-gemini-files';
 *
 * const file = await gemini.uploadAndWaitActive('clip.mp4');
 * const contents = [toPart(file), { text: 'What happens in it?' }];
 * ```
 */
export function toPart({ uri, mimeType }: Pick<ActiveFile, 'uri' | 'mimeType'>): FilePart {
  return { fileData: { fileUri: uri, mimeType } };
}

/** How the AI SDK names an uploaded file, by provider. */
export interface ProviderReference {
  /** The file's `uri`. */
  readonly google: string;
}

/**
 * The reference to `file` for the AI SDK (`ai` 7 with `@ai-sdk/google` 4): the `data` of a file part.
 *
 * @param file - the result of an upload or a wait
 *
 * @example
 * ```ts
 * import { toProviderReference } from 'temporal-gemini-files';
 *
 * const file = await gemini.uploadAndWaitActive('clip.mp4');
 * const part = { type: 'file', data: toProviderReference(file), mediaType: file.mimeType };
 * ```
 */
export function toProviderReference({ uri }: Pick<ActiveFile, 'uri'>): ProviderReference {
  return { google: uri };
}
