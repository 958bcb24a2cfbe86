import { GeminiApiError, type GeminiConnection } from '../gemini/index.js';
import type { ActivityDependencies } from './dependencies.js';

/**
 * Runs `work` on the connection of a profile. Where the provider refuses the key, the key is asked for once more: a
 * function may bring the one that it was rotated to, and `work` is then done once more with that. A key that stays the same
 * stays refused.
 */
export async function withKeyRotation<T>(
  deps: ActivityDependencies,
  profile: string | undefined,
  work: (connection: GeminiConnection) => Promise<T>,
): Promise<T> {
  const connection = await deps.connect(profile);
  try {
    return await work(connection);
  } catch (error) {
    if (!(error instanceof GeminiApiError) || error.kind !== 'credentials') throw error;
    const again = await deps.connect(profile);
    if (again.apiKey === connection.apiKey) throw error;
    return work(again);
  }
}
