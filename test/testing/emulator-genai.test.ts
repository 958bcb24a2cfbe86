/** The published client against the emulator. */

import { GoogleGenAI } from '@google/genai';
import { describe, expect, it } from 'vitest';
import { KEY, sha256, startEmulator } from './emulator-http.js';

describe.each(['v1', 'v1beta'])('@google/genai under %s', (apiVersion) => {
  it('uploads in chunks, gets, lists and deletes', async () => {
    const emulator = await startEmulator();
    const genai = new GoogleGenAI({ apiKey: KEY, httpOptions: { baseUrl: emulator.url, apiVersion } });
    const content = Buffer.alloc(8388608 + 5, 'x');

    const uploaded = await genai.files.upload({
      file: new Blob([content]),
      config: { name: 'my-song', displayName: 'Lied: Größe', mimeType: 'audio/mpeg' },
    });
    expect(uploaded).toMatchObject({
      name: 'files/my-song',
      displayName: 'Lied: Größe',
      mimeType: 'audio/mpeg',
      sizeBytes: '8388613',
      state: 'ACTIVE',
      source: 'UPLOADED',
      uri: `${emulator.url}/v1beta/files/my-song`,
      sha256Hash: Buffer.from(sha256(content)).toString('base64'),
    });
    expect(await genai.files.get({ name: 'files/my-song' })).toEqual(uploaded);

    const pager = await genai.files.list({ config: { pageSize: 5 } });
    expect(pager.page).toEqual([uploaded]);
    expect(pager.hasNextPage()).toBe(false);

    await genai.files.delete({ name: 'files/my-song' });
    expect(emulator.files.size).toBe(0);
    await expect(genai.files.get({ name: 'files/my-song' })).rejects.toMatchObject({
      status: 403,
      message: expect.stringContaining(
        'You do not have permission to access the File my-song or it may not exist.',
      ) as string,
    });

    expect(
      emulator.requests.map(({ operation, command, offset, bytes, status }) => [
        operation,
        command,
        offset,
        bytes,
        status,
      ]),
    ).toEqual([
      ['start', ['start'], undefined, expect.any(Number), 200],
      ['upload', ['upload'], 0, 8388608, 200],
      ['upload', ['upload', 'finalize'], 8388608, 5, 200],
      ['get', [], undefined, 0, 200],
      ['list', [], undefined, 0, 200],
      ['delete', [], undefined, 2, 200],
      ['get', [], undefined, 0, 403],
    ]);
  });

  it('waits for a video and generates', async () => {
    const emulator = await startEmulator({ processing: '1h', answer: 'A cat.' });
    const genai = new GoogleGenAI({ apiKey: KEY, httpOptions: { baseUrl: emulator.url, apiVersion } });
    const file = await genai.files.upload({ file: new Blob(['film']), config: { mimeType: 'video/mp4' } });
    expect(file.state).toBe('PROCESSING');
    expect(file.videoMetadata).toBeUndefined();

    const ask = (): Promise<string | undefined> =>
      genai.models
        .generateContent({
          model: 'gemini-3-flash',
          contents: [
            {
              role: 'user',
              parts: [{ fileData: { fileUri: file.uri ?? '', mimeType: 'video/mp4' } }, { text: 'What?' }],
            },
          ],
        })
        .then(({ text }) => text);
    const id = (file.name ?? '').slice('files/'.length);
    await expect(ask()).rejects.toMatchObject({
      status: 400,
      message: expect.stringContaining(
        `The File ${id} is not in an ACTIVE state and usage is not allowed.`,
      ) as string,
    });

    emulator.advance(3_600_000);
    const active = await genai.files.get({ name: file.name ?? '' });
    expect(active.state).toBe('ACTIVE');
    expect(active.videoMetadata).toMatchObject({ videoDuration: '10s' });
    expect(await ask()).toBe('A cat.');
  });
});

it('answers the published client with a bad key as the provider does', async () => {
  const emulator = await startEmulator({ apiKeys: [KEY] });
  const genai = new GoogleGenAI({ apiKey: 'wrong', httpOptions: { baseUrl: emulator.url } });
  await expect(
    genai.files.upload({ file: new Blob(['x']), config: { mimeType: 'text/plain' } }),
  ).rejects.toMatchObject({
    status: 400,
    message: expect.stringContaining('"reason":"API_KEY_INVALID"') as string,
  });
});
