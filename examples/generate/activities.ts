/** The prompt, in an activity: it goes over the network, and Temporal retries it. */

import { GoogleGenAI, type GoogleGenAIOptions } from '@google/genai';
import type { FilePart } from 'temporal-gemini-files';

export interface GenerateActivities {
  describe(part: FilePart, question: string): Promise<string>;
}

export function generateActivities(options: GoogleGenAIOptions): GenerateActivities {
  const genai = new GoogleGenAI(options);
  return {
    async describe(part, question) {
      const contents = [part, { text: question }];
      const { text } = await genai.models.generateContent({ model: 'gemini-3-flash', contents });
      return text ?? '';
    },
  };
}
