/** Which version a request names as its client's. */

import { expect, it } from 'vitest';
import { versionIn } from '../../src/sources/user-agent.js';

const name = 'temporal-gemini-files';

it.each<[object, string]>([
  [{ name, version: '0.2.0' }, '/0.2.0'],
  [{ name, version: '1.0.0-rc.1+build_5' }, '/1.0.0-rc.1+build_5'],
  [{ name: 'an-application', version: '7.7.7' }, ''],
  [{ version: '7.7.7' }, ''],
  [{ name }, ''],
  [{ name, version: 5 }, ''],
  [{ name, version: '' }, ''],
  [{ name, version: '1\r\nx-header: 1' }, ''],
])('of the manifest %j it is %j', (manifest, expected) => {
  expect(versionIn(JSON.stringify(manifest))).toBe(expected);
});
