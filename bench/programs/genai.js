/** The published SDK as it is used: `files.upload`, and a loop that asks until the file is ACTIVE. It makes no hash. */
import { setTimeout as sleep } from 'node:timers/promises';
import { GoogleGenAI } from '@google/genai';
import { serve, settings, timed } from '../lib/serve.js';

const ai = new GoogleGenAI({ apiKey: 'bench', httpOptions: { baseUrl: settings.url } });

async function upload(path) {
  let file = await ai.files.upload({ file: path, config: { mimeType: 'video/mp4' } });
  while (file.state === 'PROCESSING') {
    await sleep(5000);
    file = await ai.files.get({ name: file.name });
  }
}

serve({
  answers: {
    upload: timed(upload),
  },
});
