import { deleteFile, GeminiApiError, type GeminiConnection } from '../gemini/index.js';

/** Deletes the file. @returns false if the provider denied it (provider fact F-DELETE-DENIED) */
export async function deleteIfVisible(
  connection: GeminiConnection,
  name: string,
  signal?: AbortSignal,
): Promise<boolean> {
  try {
    await deleteFile(connection, name, signal);
    return true;
  } catch (error) {
    if (!(error instanceof GeminiApiError) || error.kind !== 'not-found') throw error;
    return false;
  }
}
