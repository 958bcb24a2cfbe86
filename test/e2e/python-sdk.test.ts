/** Google's published Python SDK against the emulator. It is installed by pip into a virtual environment below `.cache`. */

import { execFile, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { GeminiFilesEmulator } from '../../src/testing/index.js';
import { useTestFolder } from '../support/files.js';

const run = promisify(execFile);
const folder = await useTestFolder();
const PACKAGE = 'google-genai==3.6.1';
const environment = fileURLToPath(new URL('../../.cache/python-genai', import.meta.url));
const python = join(environment, 'bin', 'python');

/** Why the SDK cannot be had here; undefined if it is there. */
function missing(): string | undefined {
  const works = () => spawnSync(python, ['-c', 'from google import genai']).status === 0;
  if (existsSync(python) && works()) return undefined;
  if (spawnSync('python3', ['-m', 'venv', environment]).status !== 0) return 'no python3 with venv here';
  const pip = spawnSync(python, ['-m', 'pip', 'install', '--quiet', PACKAGE], { timeout: 100_000 });
  return pip.status === 0 && works() ? undefined : 'pip cannot install google-genai here';
}

const PROGRAM = `
import sys, time
from google import genai
from google.genai import errors, types

client = genai.Client(api_key='any', http_options=types.HttpOptions(base_url=sys.argv[1]))
file = client.files.upload(file=sys.argv[2], config={'mime_type': 'video/mp4', 'display_name': 'Film'})
print(file.state.name, file.size_bytes, file.display_name)
try:
    client.models.generate_content(model='gemini-2.5-flash', contents=[file, 'What?'])
except errors.ClientError as error:
    print(error.code, error.status)
while file.state.name == 'PROCESSING':
    time.sleep(0.1)
    file = client.files.get(name=file.name)
print(file.state.name)
print(client.models.generate_content(model='gemini-2.5-flash', contents=[file, 'What?']).text)
print([chunk.text for chunk in client.models.generate_content_stream(model='gemini-2.5-flash', contents=[file, 'What?'])])
print(client.models.count_tokens(model='gemini-2.5-flash', contents=[file, 'What?']).total_tokens)
print('models/gemini-2.5-flash' in [model.name for model in client.models.list()])
print(client.models.get(model='gemini-2.5-flash').name)
print(len(list(client.files.list())))
client.files.delete(name=file.name)
try:
    client.models.embed_content(model='gemini-embedding-001', contents='x')
except errors.ServerError as error:
    print(error.code, ':countTokens' in error.message)
`;

const reason = missing();

it.skipIf(reason)(
  `uploads, waits, prompts and deletes by the Python SDK${reason === undefined ? '' : ` (SKIPPED: ${reason})`}`,
  async () => {
    await using emulator = await GeminiFilesEmulator.start({ outcome: 'NEVER', answer: 'A cat sleeps.' });
    const film = await folder.file('film.mp4', 9 * 1024 * 1024);
    const program = join(folder.path, 'program.py');
    await writeFile(program, PROGRAM);
    // It asks for the file once its first prompt was refused.
    const asked = emulator.waitFor((all) => all.find(({ operation }) => operation === 'get'), {
      timeoutMs: 120_000,
    });
    const [{ stdout }] = await Promise.all([
      run(python, [program, emulator.url, film.path]),
      asked.then(({ file }) => emulator.activate(file ?? '')),
    ]);
    expect(stdout.trim().split('\n')).toEqual([
      `PROCESSING ${film.sizeBytes} Film`,
      '400 FAILED_PRECONDITION',
      'ACTIVE',
      'A cat sleeps.',
      "['A cat sleeps.']",
      '2',
      'True',
      'models/gemini-2.5-flash',
      '1',
      '501 True',
    ]);
    expect(emulator.files.size).toBe(0);
  },
);
