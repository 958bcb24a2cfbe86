import { expect, it } from 'vitest';
import { othersWhoWrite } from '../../src/util/others-who-write.js';

const USER = 1000;
const OTHER = 1001;

it.each([
  ['a file of the user', { uid: USER, gid: USER, mode: 0o100644 }, undefined],
  ["the user's own group may write", { uid: USER, gid: USER, mode: 0o40775 }, undefined],
  ['a folder of root', { uid: 0, gid: 0, mode: 0o40775 }, undefined],
  ['another user', { uid: OTHER, gid: USER, mode: 0o100600 }, 'belongs to another user (1001)'],
  ['everyone', { uid: USER, gid: USER, mode: 0o40777 }, 'is writable by everyone'],
  ['everyone, in a folder of root as /tmp', { uid: 0, gid: 0, mode: 0o41777 }, 'is writable by everyone'],
  ['a group of several users', { uid: USER, gid: 50, mode: 0o100664 }, 'is writable by a group (50)'],
  ['a group that may only read', { uid: USER, gid: 50, mode: 0o100644 }, undefined],
])('%s', (_, owned, expected) => {
  expect(othersWhoWrite(owned, USER)).toBe(expected);
});
