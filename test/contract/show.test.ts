/** How values and names are shown. No message shows a Google API key, of the older form (`AIza…`) or of the newer one (`AQ.…`). */

import { expect, it } from 'vitest';
import { resolveUploadOptions } from '../../src/contract/options.js';
import { formatValue, hideKeys, showPath, toIdPart } from '../../src/contract/show.js';
import { summaryOf } from '../../src/contract/source.js';
import { errorForAnswer } from '../../src/gemini/classify.js';
import { withoutSecrets } from '../../src/gemini/connection.js';
import { connectionTo } from '../support/connection.js';
import { stopwatch } from '../support/stopwatch.js';

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

it.each([
  ['https://media.example.com/a.mp4?X-Amz-Signature=secret', 'a.mp4'],
  ['https://media.example.com/a.mp4#secret', 'a.mp4'],
  ['S3://bucket/a.mp4?sig=se/cret', 'a.mp4'],
  ['https://user:secret@example.com', '…'],
  ['https://user:sec?ret@example.com/a.mp4', '…'],
  ['/data/a?b#c@d.mp4', 'a?b#c@d.mp4'],
])('a URL that was given as a path, %s, is not shown as a secret in summaries', (path, shown) => {
  expect(summaryOf({ path })).toBe(shown);
});

it.each([
  ['https:/host/a.mp4?sig=secret', 'https:/host/a.mp4'],
  ['https:\\\\host\\a.mp4?sig=secret', 'https:\\\\host\\a.mp4'],
  [' https://host/a.mp4?sig=secret', ' https://host/a.mp4'],
  ['https:/user:secret@host/a.mp4', 'https:/…'],
  ['s3:/bucket/a.mp4#secret', 's3:/bucket/a.mp4'],
  ['//user:secret@host/a.mp4', '//…'],
  ['//user:sec/ret@host/a.mp4', '//…'],
  ['\\\\user:secret@host\\a.mp4', '\\\\…'],
  ['/home/me/https:/host/a.mp4?sig=secret', '/home/me/https:/host/a.mp4'],
  ['./https://user:secret@host/a.mp4', './https://…'],
  ['C:\\me\\http:\\host\\a.mp4#secret', 'C:\\me\\http:\\host\\a.mp4'],
])('a URL that was given as a path, %s, is shown as %s', (path, shown) => {
  expect(showPath(path)).toBe(shown);
});

it.each([
  'C://Users/me@x/f#1.pdf',
  'C:\\Users\\me@x\\f#1.pdf',
  '//server/share/me@x/f#1.pdf',
  '//server/12:30/me@x.pdf',
  '//me@server/a.pdf',
  '/data/12:30/me@x?.pdf',
  'talk:me@x#1.pdf',
  '',
])('a path such as %s is shown whole', (path) => {
  expect(showPath(path)).toBe(path);
});

it.each(['//', '/', '//:', ' ', 'a', 'aa:/', '@', ':', '\\', '//:@'])(
  'a path full of %s takes no time to be shown',
  (piece) => {
    const elapsed = stopwatch();
    for (const beginning of ['', '//', '//a:']) showPath(beginning + piece.repeat(100_000));
    expect(elapsed()).toBeLessThan(150);
  },
);
