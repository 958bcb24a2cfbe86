import { expect, it } from 'vitest';
import { fileName, keyName } from '../../src/sources/names.js';

it.each([
  ['clip\u202e4pm.mp4', 'clip4pm.mp4'],
  ['\u202aa\u202b\u202c\u202db', 'ab'],
  ['\u2066a\u2067\u2068\u2069b', 'ab'],
  ['a\u200b\u2060\ufeffb', 'ab'],
  ['a\n\u0000\u007f\u0085\u2028\u2029b', 'ab'],
  ['a\ud83cb', 'a\ufffdb'],
  ['👨‍👩‍👧 می‌خواهم.mp4', '👨‍👩‍👧 می‌خواهم.mp4'],
])('the name %j is shown as %j', (text, shown) => {
  expect(fileName(text)).toBe(shown);
  expect(keyName(`folder/${text}`)).toBe(shown);
});
