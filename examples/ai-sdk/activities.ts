/** The prompt, by the AI SDK, in an activity: it goes over the network, and Temporal retries it. */

import { createGoogleGenerativeAI } from '@ai-sdk/google';
import { generateText } from 'ai';
import type { ProviderReference } from 'temporal-gemini-files';

export interface AskActivities {
  ask(reference: ProviderReference, mediaType: string, question: string): Promise<string>;
}

/** @param baseUrl - the Files API's; the AI SDK wants the version below it */
export function askActivities(apiKey: string, baseUrl: string): AskActivities {
  const google = createGoogleGenerativeAI({ apiKey, baseURL: `${baseUrl}/v1beta` });
  return {
    async ask(reference, mediaType, question) {
      const file = { type: 'file' as const, data: { ...reference }, mediaType };
      const content = [file, { type: 'text' as const, text: question }];
      // Temporal retries the activity.
      const { text } = await generateText({
        model: google('gemini-3-flash'),
        messages: [{ role: 'user', content }],
        maxRetries: 0,
      });
      return text;
    },
  };
}
