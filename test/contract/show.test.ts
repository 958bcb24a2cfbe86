/** How values and names are shown. No message shows a Google API key, of the older form (`AIza…`) or of the newer one (`AQ.…`). */

import { expect, it } from 'vitest';
import { resolveUploadOptions } from '../../src/contract/options.js';
import { hideKeys, formatValue, toIdPart } from '../../src/contract/show.js';
import { errorForAnswer } from '../../src/gemini/classify.js';
import { withoutSecrets } from '../../src/gemini/connection.js';
import { connectionTo } from '../support/connection.js';

const SECRET = 'Ab8RN6Kt-made-up_0123456789';

it.each(['AIza', 'AQ.'])('hides a key that begins with %s', (prefix) => {
  const key = prefix + SECRET;
  const shown = `${prefix}…`;
  expect(hideKeys(`in /videos/${key}.mp4 and ${key}`)).toBe(`in /videos/${shown}.mp4 and ${shown}`);
  expect(formatValue({ path: key })).toBe(`{"path":"${shown}"}`);
  expect(() => resolveUploadOptions({ path: 'a.mp4', timeout: key })).toThrow(`got "${shown}"`);

  // Somebody else's key in the provider's words: not the one that the connection has.
  const connection = connectionTo('https://example.invalid');
  const url = new URL('https://example.invalid/v1beta/files');
  const hide = (said: string) => withoutSecrets(said, connection, url);
  const body = JSON.stringify({ error: { code: 400, message: `bad ${key}`, status: 'INVALID_ARGUMENT' } });
  const target = { operation: 'get', method: 'GET', url, hide } as const;
  const { message } = errorForAnswer(target, { status: 400, headers: {}, body });
  expect(message).toContain(`bad ${shown}`);
  expect(message).not.toContain(SECRET);
});

it.each([
  ['clip.mp4', 'clip.mp4'],
  ['My Film (final) #2.mp4', 'My-Film-final-2.mp4'],
  ['-rf --all.mp4', 'rf-all.mp4'],
  ['Übung_1.mp3', 'Übung_1.mp3'],
  ['U\u0308bung.mp3', 'Übung.mp3'],
  ['講義.mp4', '講義.mp4'],
  ['a\'"$(x)`\n\0.mp4', 'a-x-.mp4'],
  ['🎬', 'file'],
  ['', 'file'],
  [`AIza${SECRET}.mp4`, 'AIza-.mp4'],
  ['x'.repeat(300), 'x'.repeat(60)],
])('%j is %j in a workflow id', (name, part) => {
  expect(toIdPart(name)).toBe(part);
});
